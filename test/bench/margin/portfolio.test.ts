import { describe, expect, it } from "vitest"
import { matrix, QRELS } from "../../../bench/margin/matrices.ts"
import {
  latest,
  summary,
  verdict,
  withPart,
  type AdamPart,
  type OursPart,
  type PortfolioRow
} from "../../../bench/margin/portfolioRows.ts"
import { numbers } from "../../../bench/margin/results.ts"
import { positives, rowSize } from "../../../compute/margin/Relevance.ts"

const measured = { date: "2026-12-01", commit: "0000000", time: 3, seconds: 3 }
const ours = (margin: number): OursPart => ({
  ...measured,
  margin,
  bound: 0.5,
  boundedBy: "packing",
  gap: (0.5 - margin) / 0.5
})
const adam = (margin: number): AdamPart => ({ ...measured, margin, restarts: 8, numpy: "numpy" })
const row = (matrix: string, dim: number, x?: number, y?: number): PortfolioRow =>
  withPart(
    { matrix, rows: 1, columns: 1, dim, threshold: "zero" },
    { ...(x === undefined ? {} : { ours: ours(x) }), ...(y === undefined ? {} : { adam: adam(y) }) }
  )

describe("verdict", () => {
  it.each([
    [0.1006, 0.1, "better"],
    [0.1004, 0.1, "equal"],
    [0.0996, 0.1, "equal"],
    [0.0994, 0.1, "worse"],
    // Half a per cent counts however small a positive margin is.
    [1e-8, 1.1e-8, "worse"],
    [0, 5e-8, "equal"],
    [0, -2e-4, "better"],
    [-2e-7, 0, "worse"],
    [-1e-4, -1.004e-4, "equal"]
  ] as const)("%d beside %d is %s", (x, y, expected) => expect(verdict(x, y)).toBe(expected))

  it("is there only where both sides are, and follows the newer part", () => {
    expect(row("complete:6,1", 2, 0.1).verdict).toBeUndefined()
    expect(withPart(row("complete:6,1", 2, 0.1), { adam: adam(0.2) }).verdict).toBe("worse")
    expect(withPart(row("complete:6,1", 2, 0.1, 0.2), { ours: ours(0.3) }).verdict).toBe("better")
  })
})

describe("rows of the file", () => {
  it("later lines replace earlier ones, and the order is that of the grid", () => {
    const rows = latest([
      row("qrels:3", 2, 0),
      row("complete:10,1", 3, 0.1),
      row("complete:6,1", 2, 0.1),
      row("complete:10,1", 3, 0.2)
    ])
    expect(rows.map(({ matrix, ours }) => [matrix, ours?.margin])).toEqual([
      ["complete:6,1", 0.1],
      ["complete:10,1", 0.2],
      ["qrels:3", 0]
    ])
  })

  it("the summary counts by group and lists the worst first", () => {
    const text = summary([
      row("complete:6,1", 2, 0.2, 0.1),
      row("complete:8,1", 2, 0.08, 0.1),
      row("complete:6,2", 2, 0.05, 0.1),
      row("qrels:1", 2, 0.1)
    ])
    expect(text).toContain("| k = 1 | zero | 2 | 1 | 0 | 1 | 0.8000 |")
    expect(text).toContain("| all |  | 3 | 1 | 0 | 2 | 0.5000 |")
    const worse = text.filter((line) => line.endsWith("| packing |"))
    expect(worse.map((line) => line.split(" | ")[0])).toEqual(["| complete:6,2", "| complete:8,1"])
  })
})

describe("matrices", () => {
  it("the qrels are those that they were, within their sizes", () => {
    const all = Array.from({ length: QRELS }, (_, i) => matrix(`qrels:${i}`))
    for (const { columns, rows } of all) {
      expect(columns).toBeGreaterThanOrEqual(6)
      expect(columns).toBeLessThanOrEqual(40)
      expect(rows).toBeLessThanOrEqual(60)
    }
    // Measured margins are of these matrices.
    expect(all.slice(0, 4).map((a) => [a.rows, a.columns, positives(a)])).toEqual([
      [6, 38, 43],
      [41, 26, 223],
      [14, 14, 23],
      [54, 8, 216]
    ])
  })

  it("knows the two that a plain Adam did better on", () => {
    const a = matrix("sparse25x15")
    expect([a.rows, a.columns, rowSize(a, 0)]).toEqual([19, 15, 2])
    expect([...a.indices.subarray(0, 2)]).toEqual([2, 10])
    expect(matrix("mix5").columns).toBe(20)
  })

  it.each(["qrels:40", "identity"])("refuses %s", (name) =>
    expect(() => matrix(name)).toThrow("is no matrix")
  )
})

describe("numbers", () => {
  it("reads lists and ranges", () => {
    expect(numbers("6,8,10-12")).toEqual([6, 8, 10, 11, 12])
    expect(() => numbers("6-")).toThrow("not a list")
    expect(() => numbers("a")).toThrow("not a list")
  })
})
