/** The data in the page: unpacked when it is first needed, and downloads. */
/* oxlint-disable no-unused-vars -- the files of the script share one scope */

/**
 * @typedef {{ fileName: string, columns: Array<{ name: string, numeric: boolean }>, csv: string }} Data
 * @typedef {{ fileName: string, columns: Array<{ name: string, numeric: boolean }>, csv?: string, gzip?: string }} Packed
 */

/** @type {Map<string, Promise<Data>>} */
const unpacked = new Map()

/** @param {string} id @returns {Promise<Data>} */
function dataOf(id) {
  let data = unpacked.get(id)
  if (data === undefined) {
    data = unpack(id)
    unpacked.set(id, data)
  }
  return data
}

/** @param {string} id @returns {Promise<Data>} */
async function unpack(id) {
  /** @type {Packed} */
  const packed = JSON.parse(document.getElementById(`data-${id}`)?.textContent ?? "{}")
  const { fileName, columns } = packed
  if (packed.csv !== undefined) return { fileName, columns, csv: packed.csv }
  const bytes = Uint8Array.from(atob(packed.gzip ?? ""), (character) => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
  return { fileName, columns, csv: await new Response(stream).text() }
}

/** Rows of a CSV text without its header; an empty field that is not quoted is null. @param {string} csv */
function parseCsv(csv) {
  /** @type {Array<Array<string | null>>} */
  const rows = []
  /** @type {Array<string | null>} */
  let row = []
  let at = 0
  while (at < csv.length) {
    if (csv[at] === '"') {
      let field = ""
      at++
      for (;;) {
        const end = csv.indexOf('"', at)
        field += csv.slice(at, end)
        at = end + 1
        if (csv[at] !== '"') break
        field += '"'
        at++
      }
      row.push(field)
    } else {
      let end = at
      while (end < csv.length && csv[end] !== "," && csv[end] !== "\n") end++
      row.push(end === at ? null : csv.slice(at, end))
      at = end
    }
    if (csv[at] === ",") {
      at++
      if (at === csv.length || csv[at] === "\n") row.push(null)
    }
    if (csv[at] === "\n") {
      rows.push(row)
      row = []
      at++
    }
  }
  if (row.length > 0) rows.push(row)
  return rows.slice(1)
}

/**
 * CSV that a spreadsheet reads as values: a text that it would take for a formula begins with an apostrophe. Numbers stay
 * numbers. @param {string} csv
 */
function withoutFormulas(csv) {
  // A line before the header keeps it among the rows that are read.
  const rows = parseCsv(`\n${csv}`)
  /** @param {string | null} cell */
  const field = (cell) => {
    if (cell === null) return ""
    const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell) && Number.isNaN(Number(cell))
    const value = formula ? `'${cell}` : cell
    return value === "" || /[",\n\r]/.test(value) || value.trim() !== value
      ? `"${value.replaceAll('"', '""')}"`
      : value
  }
  return rows.map((row) => `${row.map(field).join(",")}\n`).join("")
}

/** @param {string} name @param {string} content @param {string} type */
function download(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-download]") : null
  if (button === null) return
  const { fileName, csv } = await dataOf(button.getAttribute("data-download") ?? "")
  download(`${fileName}.csv`, withoutFormulas(csv), "text/csv;charset=utf-8")
})

document.addEventListener("click", async (event) => {
  const source = event.target instanceof Element ? event.target.closest("[data-copy]") : null
  if (source === null) return
  const value = source.getAttribute("data-copy") ?? ""
  try {
    await navigator.clipboard.writeText(value)
    source.classList.add("copied")
    setTimeout(() => source.classList.remove("copied"), 1200)
  } catch {
    const range = document.createRange()
    range.selectNodeContents(source)
    getSelection()?.removeAllRanges()
    getSelection()?.addRange(range)
  }
})
