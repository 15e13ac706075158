/** Tables: pages of 25 rows, sorted by a click on a column's head, filtered by a text. */

const pageRows = 25

/** @param {HTMLElement} holder */
async function bringToLife(holder) {
  const { columns, csv } = await dataOf(holder.dataset["table"] ?? "")
  const all = parseCsv(csv)
  const table = holder.querySelector("table")
  const body = table?.querySelector("tbody")
  const heads = [...(table?.querySelectorAll("th") ?? [])]
  if (table === null || body === null || body === undefined) return
  holder.querySelector(".rest")?.remove()
  let rows = all
  let page = 0
  let sorted = -1
  let falling = false
  let filter = ""

  const controls = document.createElement("div")
  controls.className = "pager"
  const search = document.createElement("input")
  search.type = "search"
  search.placeholder = "Filter rows"
  search.setAttribute("aria-label", "Filter rows")
  const before = document.createElement("button")
  before.type = "button"
  before.textContent = "‹"
  before.setAttribute("aria-label", "Previous rows")
  const after = document.createElement("button")
  after.type = "button"
  after.textContent = "›"
  after.setAttribute("aria-label", "Next rows")
  const status = document.createElement("span")
  status.setAttribute("role", "status")
  controls.append(search, before, status, after)
  if (all.length > pageRows) holder.append(controls)

  const draw = () => {
    const first = page * pageRows
    const shown = rows.slice(first, first + pageRows)
    body.replaceChildren(
      ...shown.map((row) => {
        const line = document.createElement("tr")
        for (const [index, column] of columns.entries()) {
          const cell = document.createElement("td")
          const value = row[index] ?? null
          if (value === null) cell.textContent = "–"
          else if (column.numeric) {
            cell.textContent = formatShort(Number(value))
            cell.title = value
          } else {
            cell.textContent = value.replaceAll(/\b[0-9a-f]{64}\b/g, (digest) => digest.slice(0, 12))
            if (cell.textContent !== value) cell.title = value
          }
          if (column.numeric) cell.className = "number"
          line.append(cell)
        }
        return line
      })
    )
    status.textContent =
      rows.length === 0
        ? "no row matches"
        : `${formatNumber(first + 1)}–${formatNumber(first + shown.length)} of ${formatNumber(rows.length)}`
    before.disabled = page === 0
    after.disabled = first + pageRows >= rows.length
  }
  const arrange = () => {
    rows = filter === "" ? all : all.filter((row) => row.some((cell) => cell?.toLowerCase().includes(filter)))
    if (sorted >= 0) {
      const numeric = columns[sorted]?.numeric === true
      const turn = falling ? -1 : 1
      rows = rows.toSorted((a, b) => {
        const [x, y] = [a[sorted] ?? null, b[sorted] ?? null]
        if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
        return turn * (numeric ? Number(x) - Number(y) : x.localeCompare(y))
      })
    }
    page = 0
    draw()
  }
  before.addEventListener("click", () => {
    page--
    draw()
  })
  after.addEventListener("click", () => {
    page++
    draw()
  })
  search.addEventListener("input", () => {
    filter = search.value.trim().toLowerCase()
    arrange()
  })
  for (const [index, head] of heads.entries()) {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = head.textContent
    head.replaceChildren(button)
    button.addEventListener("click", () => {
      falling = sorted === index ? !falling : columns[index]?.numeric === true
      sorted = index
      for (const other of heads) other.removeAttribute("aria-sort")
      head.setAttribute("aria-sort", falling ? "descending" : "ascending")
      arrange()
    })
  }
  holder.classList.add("live")
  draw()
}

/** Tables inside a folded part wait until it is opened. @param {ParentNode} root */
function reviveTables(root) {
  for (const holder of root.querySelectorAll(".data-table:not(.live, .waking)")) {
    if (!(holder instanceof HTMLElement) || holder.closest("details:not([open])") !== null) continue
    holder.classList.add("waking")
    void bringToLife(holder)
  }
}

for (const details of document.querySelectorAll("details"))
  details.addEventListener("toggle", () => {
    if (details.open) reviveTables(details)
  })
reviveTables(document)
