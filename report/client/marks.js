/** Values on hover and by keyboard, and series picked out by their legend. */

const tip = document.getElementById("tip")

/** @param {Element} mark @param {number} x @param {number} y in page coordinates of the viewport */
function showTip(mark, x, y) {
  if (tip === null) return
  tip.textContent = mark.getAttribute("data-tip")
  tip.hidden = false
  const { width, height } = tip.getBoundingClientRect()
  const left = x + 14 + width > innerWidth ? x - 14 - width : x + 14
  const top = y + 14 + height > innerHeight ? y - 14 - height : y + 14
  tip.style.left = `${Math.max(4, left)}px`
  tip.style.top = `${Math.max(4, top)}px`
}

function hideTip() {
  if (tip !== null) tip.hidden = true
  for (const mark of document.querySelectorAll(".mark.current")) mark.classList.remove("current")
}

document.addEventListener("pointermove", (event) => {
  const mark = event.target instanceof Element ? event.target.closest("[data-tip]") : null
  if (mark !== null) showTip(mark, event.clientX, event.clientY)
  else if (tip !== null && !tip.hidden && document.querySelector(".mark.current") === null) hideTip()
})
document.addEventListener("pointerdown", (event) => {
  const mark = event.target instanceof Element ? event.target.closest("[data-tip]") : null
  if (mark === null) hideTip()
  else showTip(mark, event.clientX, event.clientY)
})
// The place that the keys have reached stays.
document.addEventListener("scroll", () => void (tip !== null && (tip.hidden = true)), {
  passive: true,
  capture: true
})

/** @param {SVGElement} plot @param {string} key */
function nextMark(plot, key) {
  const marks = [...plot.querySelectorAll(".mark")]
  const current = plot.querySelector(".mark.current")
  const at = current === null ? -1 : marks.indexOf(current)
  if (key === "Home" || (at < 0 && key !== "End")) return marks[0]
  if (key === "End") return marks.at(-1)
  const row = Number(current?.getAttribute("data-row") ?? Number.NaN)
  const column = Number(current?.getAttribute("data-column") ?? Number.NaN)
  if (Number.isNaN(row)) return marks[at + (key === "ArrowRight" || key === "ArrowDown" ? 1 : -1)]
  const [down, right] = [
    key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0,
    key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0
  ]
  for (let step = 1; step <= 400; step++) {
    const found = plot.querySelector(
      `.mark[data-row="${row + step * down}"][data-column="${column + step * right}"]`
    )
    if (found !== null) return found
  }
  return undefined
}

for (const plot of document.querySelectorAll("svg.plot")) {
  if (!(plot instanceof SVGElement)) continue
  plot.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideTip()
    if (
      event.shiftKey ||
      !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)
    )
      return
    const mark = nextMark(plot, event.key)
    event.preventDefault()
    if (mark === undefined) return
    hideTip()
    mark.classList.add("current")
    const box = mark.getBoundingClientRect()
    showTip(mark, box.x + box.width / 2, box.y + box.height / 2)
  })
  plot.addEventListener("blur", hideTip)
}

for (const button of document.querySelectorAll(".legend button")) {
  const figure = button.closest(".figure")
  const name = button.getAttribute("data-series")
  /** @param {string | null} chosen */
  const emphasise = (chosen) => {
    for (const part of figure?.querySelectorAll("svg.plot [data-series]") ?? [])
      part.classList.toggle("dimmed", chosen !== null && part.getAttribute("data-series") !== chosen)
  }
  const pressed = () =>
    figure?.querySelector(".legend button[aria-pressed=true]")?.getAttribute("data-series") ?? null
  button.addEventListener("pointerenter", () => emphasise(name))
  button.addEventListener("pointerleave", () => emphasise(pressed()))
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true"
    for (const other of figure?.querySelectorAll(".legend button") ?? [])
      other.setAttribute("aria-pressed", String(on && other === button))
    emphasise(on ? name : null)
  })
}
