/**
 * The graph of a run as a picture: a box for each node with its stage, status and time, arrows along the data. Many
 * members of a group (`cell/1`, `cell/2`, ...) become one box. Boxes link to the node's entry in the list below the
 * picture, so the picture works without scripts.
 */
import type { NodeStatus, ReportNode } from "../input.ts"
import { element, px, text, type Markup } from "../markup.ts"
import { count, formatSeconds } from "../numbers.ts"
import { fitted, textWidth } from "../figures/parts.ts"
import { layout, type Edge, type Layout } from "./layout.ts"

/** Groups are drawn as one box when the graph has more nodes than this. */
const mostBoxes = 60
/** No picture is drawn of more boxes than this. */
const mostDrawn = 400

const boxHeight = 40
const statusMarks: { readonly [status in NodeStatus]: string } = {
  ran: "ran",
  cached: "cached",
  accepted: "accepted",
  resumed: "resumed",
  failed: "failed",
  skipped: "skipped"
}

interface Box {
  readonly id: string
  readonly members: ReadonlyArray<ReportNode>
}

/** The id of a node's entry in the page. */
export const anchorOf = (node: string): string =>
  `node-${node.replaceAll(/[^A-Za-z0-9_-]/g, (c) => `.${c.codePointAt(0)!.toString(16)}.`)}`

const boxesOf = (nodes: ReadonlyArray<ReportNode>): ReadonlyArray<Box> => {
  if (nodes.length <= mostBoxes) return nodes.map((node) => ({ id: node.name, members: [node] }))
  const groups = new Map<string, Array<ReportNode>>()
  for (const node of nodes) {
    const slash = node.name.indexOf("/")
    const key = slash < 0 ? node.name : `${node.name.slice(0, slash)}/… ${node.stage}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [node])
    else known.push(node)
  }
  return [...groups.values()].map((members) => ({
    id: members.length === 1 ? members[0]!.name : `${members[0]!.name.split("/")[0]}/…`,
    members
  }))
}

const statusOf = (box: Box): NodeStatus => {
  for (const status of ["failed", "skipped", "resumed", "ran", "accepted"] as const)
    if (box.members.some((node) => node.status === status)) return status
  return "cached"
}

const edgesOf = (boxes: ReadonlyArray<Box>): ReadonlyArray<Edge> => {
  const boxOf = new Map(
    boxes.flatMap((box) => box.members.map((node) => [node.name, box.members[0]!.name] as const))
  )
  return boxes.flatMap((box) =>
    box.members.flatMap((node) =>
      Object.values(node.inputs).flatMap((source) => {
        const from = boxOf.get(source.slice(0, source.lastIndexOf(".")))
        const to = box.members[0]!.name
        return from === undefined || from === to ? [] : [{ from, to }]
      })
    )
  )
}

const subtitle = (box: Box): string => {
  const seconds = box.members.reduce((sum, node) => sum + node.seconds, 0)
  const status = statusOf(box)
  const many = box.members.length > 1 ? `${count(box.members.length, "node")}, ` : ""
  return `${many}${statusMarks[status]}${status === "skipped" ? "" : `, ${formatSeconds(seconds)}`}`
}

/** The picture of a graph, or a sentence where it has too many boxes to be read. */
export const drawGraph = (nodes: ReadonlyArray<ReportNode>): Markup => {
  const boxes = boxesOf(nodes)
  if (boxes.length === 0) return element("p", { class: "note" }, text("The pipeline has no nodes."))
  if (boxes.length > mostDrawn)
    return element(
      "p",
      { class: "note" },
      text(`${count(nodes.length, "node")}: too many to draw; they are listed below.`)
    )
  const widths = new Map(
    boxes.map((box) => [
      box.members[0]!.name,
      Math.min(196, Math.max(78, textWidth(box.id, 12) * 1.06 + 32, textWidth(subtitle(box), 10) + 26))
    ])
  )
  const edges = edgesOf(boxes)
  const down = layout(
    boxes.map((box) => ({ id: box.members[0]!.name, breadth: widths.get(box.members[0]!.name)! })),
    edges,
    16
  )
  const widest = Math.max(...widths.values())
  const across = layout(
    boxes.map((box) => ({ id: box.members[0]!.name, breadth: boxHeight })),
    edges,
    12
  )
  const acrossWidth = across.layers * (widest + 44)
  const vertical = down.breadth <= 980 || down.breadth <= acrossWidth
  return vertical
    ? render(boxes, widths, down, (point) => ({ x: point.across, y: point.layer * 84 + boxHeight / 2 }), {
        width: down.breadth,
        height: (down.layers - 1) * 84 + boxHeight,
        vertical
      })
    : render(
        boxes,
        widths,
        across,
        (point) => ({ x: point.layer * (widest + 44) + widest / 2, y: point.across }),
        { width: acrossWidth - 44, height: across.breadth, vertical }
      )
}

interface Point {
  readonly x: number
  readonly y: number
}

const render = (
  boxes: ReadonlyArray<Box>,
  widths: ReadonlyMap<string, number>,
  placed: Layout,
  at: (point: { readonly across: number; readonly layer: number }) => {
    readonly x: number
    readonly y: number
  },
  size: { readonly width: number; readonly height: number; readonly vertical: boolean }
): Markup => {
  const margin = 6
  const edges = placed.edges.map((edge) => {
    const along = (point: Point, by: number): Point =>
      size.vertical ? { x: point.x, y: point.y + by } : { x: point.x + by, y: point.y }
    const half = (id: string): number => (size.vertical ? boxHeight / 2 : widths.get(id)! / 2)
    const layerHalf = size.vertical ? boxHeight / 2 : Math.max(...widths.values()) / 2
    const points = edge.points.map(at)
    const bends = points.slice(1, -1)
    const leaves = [along(points[0]!, half(edge.from)), ...bends.map((point) => along(point, layerHalf))]
    const enters = [
      ...bends.map((point) => along(point, -layerHalf)),
      along(points.at(-1)!, -half(edge.to) - 5)
    ]
    let d = `M${px(leaves[0]!.x)} ${px(leaves[0]!.y)}`
    for (const [index, b] of enters.entries()) {
      const a = leaves[index]!
      d += size.vertical
        ? `C${px(a.x)} ${px((a.y + b.y) / 2)} ${px(b.x)} ${px((a.y + b.y) / 2)} ${px(b.x)} ${px(b.y)}`
        : `C${px((a.x + b.x) / 2)} ${px(a.y)} ${px((a.x + b.x) / 2)} ${px(b.y)} ${px(b.x)} ${px(b.y)}`
      const leave = leaves[index + 1]
      if (leave !== undefined) d += `L${px(leave.x)} ${px(leave.y)}`
    }
    return element("path", { d, class: "edge", "data-from": edge.from, "data-to": edge.to })
  })
  const drawn = boxes.map((box) => {
    const id = box.members[0]!.name
    const width = widths.get(id)!
    const { x, y } = at(placed.nodes.get(id)!)
    const status = statusOf(box)
    const left = x - width / 2
    const top = y - boxHeight / 2
    return element(
      "a",
      {
        href: `#${anchorOf(id)}`,
        class: `box ${status}`,
        "data-node": id,
        "aria-label": `${box.id}, ${box.members[0]!.stage}, ${subtitle(box)}`
      },
      element("rect", { x: left, y: top, width, height: boxHeight, rx: 5 }),
      element("circle", { cx: left + 12, cy: y - 7, r: 3.5, class: "status" }),
      element(
        "text",
        { x: left + 21, y: y - 3, class: "title" },
        text(fitted(box.id, (width - 28) / 1.06, 12))
      ),
      element("text", { x: left + 12, y: y + 12, class: "sub" }, text(fitted(subtitle(box), width - 18, 10)))
    )
  })
  return element(
    "div",
    { class: "scroll graph" },
    element(
      "svg",
      {
        xmlns: "http://www.w3.org/2000/svg",
        viewBox: `${-margin} ${-margin} ${px(size.width + 2 * margin)} ${px(size.height + 2 * margin)}`,
        width: size.width + 2 * margin,
        height: size.height + 2 * margin,
        style: `min-width:${px(Math.min(size.width + 2 * margin, Math.max(640, size.width * 0.8)))}px`,
        role: "group",
        "aria-label": `The graph of the pipeline: ${count(boxes.length, "box", "boxes")}, ${count(placed.edges.length, "arrow")}.`
      },
      element(
        "defs",
        {},
        element(
          "marker",
          {
            id: "arrow",
            viewBox: "0 0 8 8",
            refX: 3,
            refY: 4,
            markerWidth: 6.5,
            markerHeight: 6.5,
            orient: "auto"
          },
          element("path", { d: "M0 0.5L7 4L0 7.5z", class: "head" })
        )
      ),
      ...edges,
      ...drawn
    )
  )
}
