/** Every margin record that this project reports: those `asterism margin` makes, and those kept under docs/results. */
import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { packingBounds } from "../../../compute/margin/packing.ts"
import { completeGraph } from "../../../compute/margin/graphs.ts"
import { relevanceOfText } from "../../../compute/margin/relevanceText.ts"
import { solveMargin } from "../../../compute/margin/solveMargin.ts"

/** Each is at most the next, where it has a meaning at all. */
const expectRising = (...values: ReadonlyArray<number | null>): void => {
  const known = values.filter((value) => value !== null)
  for (let at = 1; at < known.length; at++) expect(known[at - 1]).toBeLessThanOrEqual(known[at])
}

describe("records of asterism margin", () => {
  const matrices = ["complete:7,1", "complete:8,2", "complete:7,3", "random:10,3,12,1", "random:12,2,9,2"]
  it.each(matrices)("%s in d = 1 … ∞: thresholds in order, bounds above margins", async (text) => {
    const a = relevanceOfText(text)!
    for (const dim of [1, 2, 3, 5, 8, Number.POSITIVE_INFINITY]) {
      const { record } = await solveMargin(a, { dim, rounds: 1 })
      expectRising(record.margin, record.marginShifted, record.marginRow)
      expectRising(record.upperBound, record.upperBoundShifted, record.upperBoundRow)
      expectRising(record.margin, record.upperBound)
      expectRising(record.marginShifted, record.upperBoundShifted)
      expectRising(record.marginRow, record.upperBoundRow)
    }
  })
})

interface GridCell {
  readonly n: number
  readonly d: number
  readonly zero: number
  readonly global: number
  readonly row: number
  readonly upperGlobal: number
}

/** The second is there once `bench/margin/grid.ts` has run. */
const grids = ["retrieval-grid-before.jsonl", "retrieval-grid.jsonl"]
  .map((name) => [name, new URL(`../../../docs/results/${name}`, import.meta.url)] as const)
  .filter(([, file]) => existsSync(file))

describe.each(grids)("the cells of docs/results/%s", (name, file) => {
  const cells = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as GridCell)

  it("are the sixty of the published table", () => {
    if (name === "retrieval-grid-before.jsonl") expect(cells.length).toBe(60)
    else expect(cells.length).toBeLessThanOrEqual(60)
    expect(new Set(cells.map(({ d, n }) => `${n} ${d}`)).size).toBe(cells.length)
  })

  it("thresholds in order, none above a proved bound, all positive at d = 5", () => {
    for (const { d, global, n, row, upperGlobal, zero } of cells) {
      // Each is reported less its own rounding bound, about 1e-14 here.
      expectRising(zero, global + 1e-13, row + 2e-13)
      expectRising(global, upperGlobal)
      expectRising(row, packingBounds(completeGraph(n, 2), d).row)
      expect(global).toBeGreaterThan(0)
    }
  })

  it("the margin never falls as d grows", () => {
    const byDims = [...cells].sort((x, y) => x.n - y.n || x.d - y.d)
    byDims.forEach(({ global, n }, at) => {
      const before = byDims[at - 1]
      if (before?.n === n) expect(global).toBeGreaterThanOrEqual(before.global)
    })
  })

  it("no row margin g has more rows than (1 + 1/g)^d", () => {
    for (const { d, n, row } of cells) expect((n * (n - 1)) / 2).toBeLessThanOrEqual((1 + 1 / row) ** d)
  })
})
