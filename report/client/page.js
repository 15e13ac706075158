/** The page: light and dark, groups of panels as tabs, nodes of the graph. */

document.documentElement.classList.add("scripted")

// --- light and dark --------------------------------------------------------------------------------------------------

document.getElementById("theme")?.addEventListener("click", () => {
  const root = document.documentElement
  const dark =
    root.dataset["theme"] === undefined
      ? matchMedia("(prefers-color-scheme: dark)").matches
      : root.dataset["theme"] === "dark"
  root.dataset["theme"] = dark ? "light" : "dark"
})

// --- groups of panels ------------------------------------------------------------------------------------------------

for (const holder of document.querySelectorAll(".groups")) {
  const groups = [...holder.querySelectorAll(":scope > .group")]
  const list = document.createElement("div")
  list.className = "tabs"
  list.setAttribute("role", "tablist")
  const tabs = groups.map((group, index) => {
    const tab = document.createElement("button")
    tab.type = "button"
    tab.setAttribute("role", "tab")
    tab.textContent = group.getAttribute("data-group")
    tab.addEventListener("click", () => choose(index))
    tab.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0
      if (step === 0) return
      const next = (index + step + groups.length) % groups.length
      choose(next)
      tabs[next]?.focus()
    })
    return tab
  })
  /** @param {number} chosen */
  const choose = (chosen) => {
    for (const [index, group] of groups.entries()) {
      group.toggleAttribute("hidden", index !== chosen)
      tabs[index]?.setAttribute("aria-selected", String(index === chosen))
      tabs[index]?.setAttribute("tabindex", index === chosen ? "0" : "-1")
    }
  }
  list.append(...tabs)
  holder.prepend(list)
  choose(0)
}

// --- the graph -------------------------------------------------------------------------------------------------------

const graph = document.querySelector(".graph svg")
const nodePanel = document.getElementById("node-panel")

/** @param {string} start @param {"data-from" | "data-to"} from @param {"data-from" | "data-to"} to */
function reached(start, from, to) {
  const edges = [...(graph?.querySelectorAll(".edge") ?? [])]
  const found = new Set([start])
  const waiting = [start]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const edge of edges) {
      const other = edge.getAttribute(to) ?? ""
      if (edge.getAttribute(from) !== next) continue
      edge.classList.add("lit")
      if (found.has(other)) continue
      found.add(other)
      waiting.push(other)
    }
  return found
}

function unlight() {
  for (const part of graph?.querySelectorAll(".lit, .chosen, .faded") ?? [])
    part.classList.remove("lit", "chosen", "faded")
}

/** @param {Element} box */
function chooseNode(box) {
  const name = box.getAttribute("data-node") ?? ""
  unlight()
  const related = new Set([
    ...reached(name, "data-from", "data-to"),
    ...reached(name, "data-to", "data-from")
  ])
  for (const other of graph?.querySelectorAll(".box") ?? [])
    other.classList.toggle("faded", !related.has(other.getAttribute("data-node") ?? ""))
  for (const edge of graph?.querySelectorAll(".edge:not(.lit)") ?? []) edge.classList.add("faded")
  box.classList.add("chosen")
  const entry = document.getElementById((box.getAttribute("href") ?? "").slice(1))
  if (entry === null || nodePanel === null) return
  const copy = /** @type {Element} */ (entry.cloneNode(true))
  copy.removeAttribute("id")
  const close = document.createElement("button")
  close.type = "button"
  close.className = "download close"
  close.textContent = "Close"
  close.addEventListener("click", () => {
    nodePanel.replaceChildren()
    unlight()
  })
  nodePanel.replaceChildren(copy)
  copy.prepend(close)
}

graph?.addEventListener("click", (event) => {
  const box = event.target instanceof Element ? event.target.closest(".box") : null
  if (box === null) return
  event.preventDefault()
  chooseNode(box)
})
