/** Points in space, turned by dragging or by Shift and the arrow keys (see report/figures/scatter3d.ts). */

/**
 * @typedef {[number, number, number]} Point
 * @typedef {{
 *   size: number, scale: number, radius: number, yaw: number, pitch: number, points: Array<Array<Point>>,
 *   axes: Array<Point>, graticule: Array<Array<Point>>, links: Array<[Point, Point]>
 * }} Scene
 */

/** @param {Element} section */
function makeTurnable(section) {
  const plot = section.querySelector(".turnable svg.plot")
  const source = document.getElementById(`live-${section.id}`)
  if (!(plot instanceof SVGSVGElement) || source === null) return
  /** @type {Scene} */
  const scene = JSON.parse(source.textContent ?? "{}")
  let { yaw, pitch } = scene
  const graticule = [...plot.querySelectorAll(".graticule")]
  const arms = [...plot.querySelectorAll(".arm")]
  const links = [...plot.querySelectorAll(".link")]
  const holder = plot.querySelector(".points")
  const marks = [...plot.querySelectorAll("[data-point]")].map((node) => {
    const [series = 0, row = 0] = (node.getAttribute("data-point") ?? "").split(",").map(Number)
    const point = scene.points[series]?.[row] ?? [0, 0, 0]
    const home = project(point)
    return { node, point, home, depth: 0 }
  })

  /** @param {Point} point */
  function project([x, y, z]) {
    const across = x * Math.cos(yaw) - y * Math.sin(yaw)
    const away = x * Math.sin(yaw) + y * Math.cos(yaw)
    return {
      x: scene.size / 2 + across * scene.scale,
      y: scene.size / 2 - (z * Math.cos(pitch) + away * Math.sin(pitch)) * scene.scale,
      depth: (z * Math.sin(pitch) - away * Math.cos(pitch)) / scene.radius
    }
  }
  /** @param {Array<Point>} points */
  const path = (points) =>
    points
      .map((point, index) => {
        const { x, y } = project(point)
        return `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`
      })
      .join("")

  const draw = () => {
    for (const [index, line] of graticule.entries())
      line.setAttribute("d", path(scene.graticule[index] ?? []))
    for (const [index, line] of links.entries()) line.setAttribute("d", path(scene.links[index] ?? []))
    for (const [index, arm] of arms.entries()) {
      const { x, y } = project(scene.axes[index] ?? [0, 0, 0])
      const line = arm.querySelector("line")
      line?.setAttribute("x2", String(x))
      line?.setAttribute("y2", String(y))
      const label = arm.querySelector("text")
      label?.setAttribute("x", String(x))
      label?.setAttribute("y", String(y - 4))
    }
    for (const mark of marks) {
      const { x, y, depth } = project(mark.point)
      mark.depth = depth
      const grow = (4 + 1.6 * depth) / (4 + 1.6 * mark.home.depth)
      mark.node.setAttribute(
        "transform",
        `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${grow.toFixed(3)}) translate(${-mark.home.x} ${-mark.home.y})`
      )
      mark.node.setAttribute("fill-opacity", (0.72 + 0.28 * depth).toFixed(2))
    }
    holder?.append(...marks.toSorted((a, b) => a.depth - b.depth).map(({ node }) => node))
  }

  /** @param {number} dx @param {number} dy */
  const turn = (dx, dy) => {
    yaw += dx
    pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, pitch + dy))
    plot.setAttribute("data-yaw", yaw.toFixed(3))
    draw()
  }
  /** @type {{ x: number, y: number } | undefined} */
  let held
  let waiting = false
  let [dx, dy] = [0, 0]
  plot.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY }
    plot.setPointerCapture(event.pointerId)
  })
  plot.addEventListener("pointermove", (event) => {
    if (held === undefined) return
    dx += (event.clientX - held.x) * 0.01
    dy += (event.clientY - held.y) * 0.01
    held = { x: event.clientX, y: event.clientY }
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
      waiting = false
      turn(dx, dy)
      dx = 0
      dy = 0
    })
  })
  for (const end of ["pointerup", "pointercancel"])
    plot.addEventListener(end, () => {
      held = undefined
    })
  plot.addEventListener("keydown", (event) => {
    if (!event.shiftKey || !event.key.startsWith("Arrow")) return
    event.preventDefault()
    turn(
      event.key === "ArrowLeft" ? -0.12 : event.key === "ArrowRight" ? 0.12 : 0,
      event.key === "ArrowUp" ? -0.12 : event.key === "ArrowDown" ? 0.12 : 0
    )
  })
}

for (const section of document.querySelectorAll(".figure.scatter3d")) makeTurnable(section)
