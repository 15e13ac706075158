import { describe, expect, it } from "vitest"
import type { EmbeddingPair } from "../../../compute/margin/EmbeddingPair.ts"
import { completeGraph, randomGraph } from "../../../compute/margin/graphs.ts"
import { margins } from "../../../compute/margin/margins.ts"
import { fromLists } from "../../../compute/margin/Relevance.ts"
import { relevanceOfText } from "../../../compute/margin/relevanceText.ts"
import { solveDimension } from "../../../compute/margin/solve/solveDimension.ts"
import { solveMargin } from "../../../compute/margin/solveMargin.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const solve = (
  a: ReturnType<typeof completeGraph>,
  threshold: "zero" | "global" | "row",
  dims: number,
  warm: ReadonlyArray<EmbeddingPair> = []
) =>
  solveDimension(a, threshold, {
    dims,
    seed: `d${dims}`,
    rounds: 1,
    warm
  })

describe("the solver in dimension d", () => {
  // Published best half gaps of the sigmoid recipe at n = 20, k = 2 (arXiv 2605.23556 and its code).
  it.each([
    [5, -0.00005],
    [15, 0.1987],
    [20, 0.2898],
    [30, 0.2901]
  ])("beats the published sigmoid margin at n = 20, d = %i", async (d, published) => {
    const solved = await solve(completeGraph(20, 2), "global", d)
    expect(solved.margin).toBeGreaterThan(Math.max(0, published))
  })

  it("never loses as d grows, and never passes the dimension-free optimum", async () => {
    const a = randomGraph(12, 2, 30, makeRandom("0", "g"))
    let warm: ReadonlyArray<EmbeddingPair> = []
    let before = Number.NEGATIVE_INFINITY
    for (let d = 1; d <= 8; d++) {
      const solved = await solve(a, "global", d, warm)
      expect(solved.margin).toBeGreaterThanOrEqual(before - 1e-14)
      before = solved.margin
      warm = [solved]
    }
  })

  it("reports the margin of the embeddings it returns", async () => {
    const a = completeGraph(10, 2)
    for (const threshold of ["zero", "global", "row"] as const) {
      const solved = await solve(a, threshold, 6)
      const measured = margins(a, solved.queries, solved.documents, 6)
      expect(measured[threshold]! - measured.roundingBound).toBe(solved.margin)
      expect(solved.tried.length).toBeGreaterThan(1)
    }
  })

  it("is deterministic", async () => {
    const a = completeGraph(9, 2)
    expect((await solve(a, "global", 5)).queries).toEqual((await solve(a, "global", 5)).queries)
  })

  it("is positive at d = 5 where annealing fails (n = 40)", async () => {
    const a = completeGraph(40, 2)
    const solved = await solveDimension(a, "global", { dims: 5, seed: "s", rounds: 1 })
    expect(solved.margin).toBeGreaterThan(1.7e-5)
  })
})

describe("asterism margin", () => {
  const specs: ReadonlyArray<readonly [string, number]> = [
    ["complete:8,2", 4],
    ["complete:8,2", Number.POSITIVE_INFINITY],
    ["random:10,3,12,1", 5],
    ["random:10,3,12,1", Number.POSITIVE_INFINITY],
    ["complete:4,4", 2],
    ["complete:4,0", 2],
    ["complete:6,1", 2]
  ]
  it.each(specs)("margins and bounds are in order: %s in dimension %d", async (text, dim) => {
    const { record } = await solveMargin(relevanceOfText(text)!, { dim, rounds: 1 })
    expect(record.margin).toBeLessThanOrEqual(record.upperBound)
    expect(record.gap).toBeCloseTo((record.upperBound - record.margin) / record.upperBound, 12)
    if (record.marginShifted !== null) {
      expect(record.margin).toBeLessThanOrEqual(record.marginShifted)
      expect(record.marginShifted).toBeLessThanOrEqual(record.upperBoundShifted!)
      expect(record.upperBound).toBeLessThanOrEqual(record.upperBoundShifted!)
    }
    if (record.marginRow !== null) {
      expect(record.marginShifted!).toBeLessThanOrEqual(record.marginRow)
      expect(record.marginRow).toBeLessThanOrEqual(record.upperBoundRow!)
      // Packing: N ≤ (1 + 1/g)^d with g the row-wise half gap.
      if (Number.isFinite(dim) && record.marginRow > 0) {
        expect(record.rows).toBeLessThanOrEqual((1 + 1 / record.marginRow) ** dim * (1 + 1e-9))
      }
    }
  })

  it("a single class has no shifted margin, and says so", async () => {
    const { record } = await solveMargin(fromLists(3, [[0, 1, 2]]), { dim: 2, rounds: 1 })
    expect(record.marginShifted).toBeNull()
    expect(record.notes.join(" ")).toMatch(/Every entry of A is 1/)
  })

  it("empty and full rows are left out of the row margin and counted", async () => {
    const { record } = await solveMargin(fromLists(4, [[0, 1], [], [0, 1, 2, 3], [2]]), {
      dim: 4,
      rounds: 1
    })
    expect(record.oneClassRows).toBe(2)
    expect(record.marginRow).toBeGreaterThan(0)
    expect(record.margin).toBeGreaterThan(0)
  })
})
