/** What `asterism diff` prints: each line's numbers are of the same rows, and its intervals say what they are. */
import { describe, expect, it } from "vitest"
import type { Comparison, MetricChange } from "../../cli/comparison.ts"
import { comparisonText } from "../../cli/comparisonText.ts"

const metric = (rest: Partial<MetricChange>): MetricChange => ({
  node: "align",
  output: "scores",
  key: { a: "glove", b: "use", k: "k 10", metric: "mutual_knn" },
  within: [],
  direction: "higher",
  over: "subsamples",
  rows: [1000, 1000],
  common: [4437, 4437],
  repeated: 10,
  before: 0.2,
  after: 0.25,
  change: { mean: 0.05, low: 0.04, high: 0.06, covers: "populations" },
  choiceOfRows: { low: 0.045, high: 0.055 },
  verdict: "better",
  also: [],
  ...rest
})

const text = (metrics: ReadonlyArray<MetricChange>, rest: Partial<Comparison> = {}): string =>
  comparisonText({
    a: "r1",
    b: "r2",
    confidence: 0.95,
    changes: [],
    metrics,
    equal: 3,
    unmatched: [],
    unnamed: [],
    ...rest
  })

describe("the text of a comparison", () => {
  it("names both intervals and what they were measured on", () => {
    const printed = text([metric({})])
    expect(printed).toMatch(/measured on .*95 %, difference between populations .*95 %, choice of rows/)
    expect(printed).toMatch(
      /glove use k 10 mutual_knn +10 × 1,000 rows +0\.2000 +0\.2500 +\+0\.05000 +\[\+0\.04000, \+0\.06000\] +better +\[\+0\.04500, \+0\.05500\]/
    )
    expect(printed).toContain("1 numbers changed, 3 are the same.")
  })
  it("says where there is no interval, and where the corpora differ", () => {
    const one = { mean: 0.05, low: null, high: null, covers: null }
    const printed = text([
      metric({ over: "one value", rows: [null, null], change: one, choiceOfRows: null, verdict: null }),
      metric({ key: { metric: "cka" }, common: [4437, 4400] })
    ])
    expect(printed).toMatch(/one value .* no interval/)
    expect(printed).toContain("different rows (4,437 → 4,400 common ones)")
  })
  it("tells seeds from populations", () => {
    const printed = text([
      metric({
        over: "seeds",
        repeated: 5,
        change: { mean: 1, low: 0.5, high: 1.5, covers: "seeds" },
        choiceOfRows: null
      })
    ])
    expect(printed).toMatch(/95 %, other seeds/)
    expect(printed).not.toMatch(/populations/)
    expect(printed).toMatch(/5 seeds/)
  })
  it("puts windows of one number in one line", () => {
    const printed = text(
      [0, 1, 2, 3].map((window) =>
        metric({
          key: { metric: "cka", window: `window ${window}` },
          within: ["window"],
          over: "one value",
          change: { mean: window / 100, low: null, high: null, covers: null },
          choiceOfRows: null
        })
      )
    )
    expect(printed).toMatch(/cka +4 values +0\.000 … \+0\.03000 +no interval; window 0 … 3/)
  })
  it("says which numbers only one run has, and which table has none", () => {
    const printed = text([], {
      unmatched: [
        { node: "align", output: "scores", only: "b", count: 24, first: { metric: "mutual_knn", k: "k 20" } }
      ],
      unnamed: [{ node: "mine", output: "table" }]
    })
    expect(printed).toContain("24 numbers of align.scores are only in r2 (mutual_knn k 20, …)")
    expect(printed).toContain("mine.table is not compared")
  })
})
