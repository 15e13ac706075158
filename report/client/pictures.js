/** Figures as SVG files: the panels that are shown, side by side, with their names, the legend and the light palette. */

const svgSpace = "http://www.w3.org/2000/svg"

/** @param {string} name @param {{ [attribute: string]: string | number }} attributes @param {string} [content] */
function svg(name, attributes, content) {
  const node = document.createElementNS(svgSpace, name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value))
  if (content !== undefined) node.textContent = content
  return node
}

/** @param {Element} figure @returns {string} */
function pictureOf(figure) {
  const root = svg("svg", { xmlns: svgSpace })
  root.append(svg("style", {}, document.getElementById("figure-style")?.textContent ?? ""))
  const most = 1100
  let [x, y, line, width] = [0, 0, 0, 0]
  for (const entry of figure.querySelectorAll(".legend button")) {
    const label = entry.textContent ?? ""
    const space = 40 + label.length * 6.6
    if (x > 0 && x + space > most) {
      x = 0
      y += 20
    }
    const item = svg("g", { transform: `translate(${x} ${y + 4})`, class: entry.getAttribute("class") ?? "" })
    for (const part of entry.querySelector("svg")?.childNodes ?? []) item.append(part.cloneNode(true))
    item.append(svg("text", { x: 31, y: 10, class: "tick" }, label))
    root.append(item)
    x += space
    width = Math.max(width, x)
    line = 24
  }
  x = 0
  y += line
  line = 0
  for (const panel of figure.querySelectorAll(".panel")) {
    const plot = panel.querySelector("svg.plot")
    if (plot === null || panel.closest("[hidden]") !== null) continue
    const box = { width: Number(plot.getAttribute("width")), height: Number(plot.getAttribute("height")) }
    if (x > 0 && x + box.width > most) {
      x = 0
      y += line + 30
      line = 0
    }
    const caption = panel.querySelector("figcaption:not(.hint)")?.textContent ?? ""
    if (caption !== "") root.append(svg("text", { x: x + 8, y: y + 16, class: "panel-title" }, caption))
    const copy = /** @type {Element} */ (plot.cloneNode(true))
    copy.removeAttribute("style")
    copy.setAttribute("x", String(x))
    copy.setAttribute("y", String(y + 22))
    root.append(copy)
    x += box.width + 16
    width = Math.max(width, x)
    line = Math.max(line, box.height)
  }
  const height = y + line + 30
  root.setAttribute("viewBox", `-8 -8 ${width + 16} ${height + 16}`)
  root.setAttribute("width", String(width + 16))
  root.setAttribute("height", String(height + 16))
  root.setAttribute("data-theme", "light")
  return new XMLSerializer().serializeToString(root)
}

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-picture]") : null
  const figure = button?.closest(".figure") ?? null
  if (button === null || figure === null) return
  const { fileName } = await dataOf(button.getAttribute("data-picture") ?? "")
  download(`${fileName}.svg`, pictureOf(figure), "image/svg+xml")
})
