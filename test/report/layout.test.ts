import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { layout, spread, type Edge } from "../../report/dag/layout.ts"

const graphs = fc.integer({ min: 1, max: 25 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    pairs: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 60 })
  })
)

describe("the layout of a graph", () => {
  it("points every edge down, keeps boxes apart, and is the same every time", () => {
    fc.assert(
      fc.property(graphs, ({ pairs, size }) => {
        const nodes = Array.from({ length: size }, (_, index) => ({
          id: `n${index}`,
          breadth: 20 + (index % 5) * 13
        }))
        const edges: ReadonlyArray<Edge> = pairs
          .filter(([a, b]) => a !== b)
          .map(([a, b]) => ({ from: `n${Math.min(a, b)}`, to: `n${Math.max(a, b)}` }))
        const placed = layout(nodes, edges, 10)
        for (const { from, points, to } of placed.edges) {
          expect(placed.nodes.get(to)!.layer).toBeGreaterThan(placed.nodes.get(from)!.layer)
          expect(points.map(({ layer }) => layer)).toEqual(
            Array.from({ length: points.length }, (_, index) => placed.nodes.get(from)!.layer + index)
          )
        }
        const boxes = nodes.map(({ id, breadth }) => ({ ...placed.nodes.get(id)!, breadth }))
        for (const [index, a] of boxes.entries()) {
          expect(a.layer).toBeGreaterThanOrEqual(0)
          expect(a.across - a.breadth / 2).toBeGreaterThanOrEqual(-1e-9)
          expect(a.across + a.breadth / 2).toBeLessThanOrEqual(placed.breadth + 1e-9)
          for (const b of boxes.slice(index + 1))
            if (a.layer === b.layer)
              expect(Math.abs(a.across - b.across)).toBeGreaterThanOrEqual(
                (a.breadth + b.breadth) / 2 + 10 - 1e-6
              )
        }
        expect(layout(nodes, edges, 10)).toEqual(placed)
      }),
      { numRuns: 100 }
    )
  })
  it("draws a straight chain straight", () => {
    const nodes = ["a", "b", "c"].map((id) => ({ id, breadth: 30 }))
    const placed = layout(
      nodes,
      [
        { from: "a", to: "b" },
        { from: "b", to: "c" }
      ],
      10
    )
    expect([...placed.nodes.values()].map(({ across }) => across)).toEqual([15, 15, 15])
    expect(placed.layers).toBe(3)
  })
  it("solves the placement of a layer exactly", () => {
    // By hand: targets 0, 0 with a gap of 2 are best at −1 and 1; a far third keeps its own place.
    expect(spread([0, 0, 10], [2, 2])).toEqual([-1, 1, 10])
    expect(spread([5, 0], [4])).toEqual([0.5, 4.5])
    expect(spread([], [])).toEqual([])
  })
})
