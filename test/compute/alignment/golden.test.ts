/**
 * Worked examples with float64 values computed in numpy by an independent implementation: neighbours by falling inner
 * product with the row itself masked, no epsilon in any ratio. Tolerance 1e-6, printed to 8 digits.
 */
import { describe, expect, it } from "vitest"
import { centreRows } from "../../../compute/alignment/centre.ts"
import { parseMetrics } from "../../../compute/alignment/metrics.ts"
import { neighboursOf } from "../../../compute/alignment/neighbours.ts"
import { gram } from "../../../compute/alignment/gram.ts"
import { crossTerms, hsicBiased, hsicTermsOfGram, hsicUnbiased } from "../../../compute/alignment/hsic.ts"
import type { Convention } from "../../../compute/alignment/conventions.ts"
import type { DenseRows } from "../../../compute/alignment/rows.ts"
import { scorePair } from "../../../compute/alignment/scores.ts"
import {
  canonicalCorrelations,
  ccaBasis,
  ccaProduct,
  standardiseColumns
} from "../../../compute/alignment/svcca.ts"
import { needsOf, prepareView } from "../../../compute/alignment/views.ts"
import { rollingWindows, shrunkWindows } from "../../../compute/alignment/windows.ts"
import { G1, G2, lists, matrix } from "./support.ts"

/** |difference| < 10^−5.7 / 2 = 1e-6. */
const DIGITS = 5.7

const score = (
  pair: { readonly a: DenseRows; readonly b: DenseRows },
  name: string,
  convention: Convention = "exact"
): number => {
  const specs = parseMetrics([name], { k: 10, q: 10 })
  const view = (rows: DenseRows) => prepareView(rows, needsOf(specs), { convention })
  return scorePair(view(pair.a), view(pair.b), specs, convention)[0]
}

const hsic = (pair: { readonly a: DenseRows; readonly b: DenseRows }) => {
  const n = pair.a.rows
  const a = hsicTermsOfGram(gram(pair.a), n)
  const b = hsicTermsOfGram(gram(pair.b), n)
  const cross = crossTerms(a, b)
  return { biased: hsicBiased(cross), unbiased: hsicUnbiased(a, b, cross) }
}

const correlations = (a: DenseRows, b: DenseRows, q: number): Array<number> =>
  Array.from(canonicalCorrelations(ccaProduct(ccaBasis(a, q), ccaBasis(b, q), q), q, q))

const centred = (pair: { readonly a: DenseRows; readonly b: DenseRows }) => ({
  a: centreRows(pair.a),
  b: centreRows(pair.b)
})

const expectAll = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>) => {
  expect(found.length).toBe(expected.length)
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], DIGITS))
}

describe("G1, k = 2", () => {
  it("raw", () => {
    expect(score(G1, "cka")).toBeCloseTo(0.99378159, DIGITS)
    expect(score(G1, "unbiased_cka")).toBeCloseTo(0.98946168, DIGITS)
    expect(hsic(G1).biased).toBeCloseTo(757.11805556, DIGITS)
    expect(hsic(G1).unbiased).toBeCloseTo(22.28333333, DIGITS)
    expectAll(correlations(G1.a, G1.b, 2), [1, 0.99797453])
    expectAll(correlations(standardiseColumns(G1.a), standardiseColumns(G1.b), 2), [1, 0.99797453])
    expect(score(G1, "svcca@2")).toBeCloseTo(0.99898726, DIGITS)
  })

  it("centred and normalised", () => {
    const pair = centred(G1)
    expectAll(
      Array.from(pair.a.data),
      [
        0.97202976, -0.23485772, 0.96476382, 0.26311741, -0.09556302, 0.99542338, -0.61394061, 0.78935222,
        -0.97902675, -0.20373177, -0.06080196, -0.99814985
      ]
    )
    const neighbours = [
      [1, 5],
      [0, 2],
      [3, 1],
      [2, 4],
      [3, 5],
      [4, 0]
    ]
    expect(lists(neighboursOf(pair.a, 2))).toEqual(neighbours)
    expect(lists(neighboursOf(pair.b, 2))).toEqual([...neighbours.slice(0, 5), [0, 4]])
    expect(score(pair, "mutual_knn@2")).toBe(1)
    expect(score(pair, "cycle_knn@2")).toBe(1)
    expect(score(pair, "lcs_knn@2")).toBeCloseTo(1.833333, DIGITS)
    expect(score(pair, "edit_distance_knn@2")).toBeCloseTo(0.333333, DIGITS)
    expect(score(pair, "edit_distance_knn@2", "prh")).toBeCloseTo(0.833333, DIGITS)
    expect(score(pair, "cka")).toBeCloseTo(0.99479397, DIGITS)
    expect(score(pair, "unbiased_cka")).toBeCloseTo(0.99172429, DIGITS)
    expect(score(pair, "cknna@2")).toBeCloseTo(0.97895394, DIGITS)
    expect(score(pair, "cknna_biased@2")).toBeCloseTo(1.01761792, DIGITS)
    expect(score(pair, "svcca@2")).toBeCloseTo(0.99935356, DIGITS)
  })
})

describe("G2, k = 3", () => {
  it("raw", () => {
    expect(score(G2, "cka")).toBeCloseTo(0.35009351, DIGITS)
    expect(score(G2, "unbiased_cka")).toBeCloseTo(0.08469549, DIGITS)
    expect(hsic(G2).biased).toBeCloseTo(55306.6875, DIGITS)
    expect(hsic(G2).unbiased).toBeCloseTo(203.78095238, DIGITS)
    expectAll(correlations(G2.a, G2.b, 2), [0.68911605, 0.07684807])
    expect(score(G2, "svcca@2")).toBeCloseTo(0.38298206, DIGITS)
    expectAll(correlations(standardiseColumns(G2.a), standardiseColumns(G2.b), 2), [0.61093754, 0.0466682])
    expect(score(G2, "svcca@2", "prh")).toBeCloseTo(0.32880287, DIGITS)
  })

  it("centred and normalised", () => {
    const pair = centred(G2)
    expect(lists(neighboursOf(pair.a, 3))).toEqual([
      [3, 6, 5],
      [4, 7, 6],
      [5, 7, 0],
      [6, 0, 5],
      [1, 7, 6],
      [2, 7, 0],
      [3, 0, 4],
      [2, 5, 1]
    ])
    expect(lists(neighboursOf(pair.b, 3))).toEqual([
      [1, 6, 3],
      [6, 0, 3],
      [7, 5, 4],
      [0, 1, 6],
      [5, 7, 2],
      [4, 7, 2],
      [1, 0, 3],
      [5, 4, 2]
    ])
    expect(score(pair, "mutual_knn@3")).toBeCloseTo(0.583333, DIGITS)
    expect(score(pair, "cycle_knn@3")).toBe(0.75)
    expect(score(pair, "lcs_knn@3")).toBe(1)
    expect(score(pair, "edit_distance_knn@3")).toBe(2.5)
    expect(score(pair, "edit_distance_knn@3", "prh")).toBeCloseTo(0.166667, DIGITS)
    expect(score(pair, "cka")).toBeCloseTo(0.49736166, DIGITS)
    expect(score(pair, "unbiased_cka")).toBeCloseTo(0.24964183, DIGITS)
    expect(hsic(pair).biased).toBeCloseTo(13.70988979, DIGITS)
    expect(hsic(pair).unbiased).toBeCloseTo(0.11463243, DIGITS)
    expect(score(pair, "cknna@3")).toBeCloseTo(0.28873037, DIGITS)
    expect(score(pair, "cknna_biased@3")).toBeCloseTo(0.69087574, DIGITS)
    expectAll(correlations(pair.a, pair.b, 2), [0.89338308, 0.12975741])
    expect(score(pair, "svcca@2")).toBeCloseTo(0.51157024, DIGITS)
    expectAll(
      correlations(standardiseColumns(pair.a), standardiseColumns(pair.b), 2),
      [0.85328944, 0.00883582]
    )
    expect(score(pair, "svcca@2", "prh")).toBeCloseTo(0.43106263, DIGITS)
  })

  it("the epsilon of the prh code moves ratios by less than 2e-5 relative", () => {
    const pair = centred(G2)
    for (const name of ["cka", "unbiased_cka", "cknna@3"]) {
      const exact = score(pair, name)
      const theirs = score(pair, name, "prh")
      expect(theirs).not.toBe(exact)
      expect(Math.abs(theirs / exact - 1)).toBeLessThan(2e-5)
    }
  })
})

describe("self-exclusion", () => {
  const x = matrix([
    [1, 0],
    [3, 0.1],
    [0, 1],
    [0.1, 2.5],
    [1, 1]
  ])

  it("masks the row itself", () => {
    expect(lists(neighboursOf(x, 2))).toEqual([
      [1, 4],
      [4, 0],
      [3, 4],
      [4, 2],
      [1, 3]
    ])
  })

  it("drops rank 0 only when asked to reproduce the reference, which keeps rows 0, 2 and 4 as their own neighbours", () => {
    expect(lists(neighboursOf(x, 2, "rank0"))).toEqual([
      [0, 4],
      [4, 0],
      [2, 4],
      [4, 2],
      [3, 4]
    ])
  })
})

describe("windows", () => {
  it("means and noise of the worked example", () => {
    const windows = rollingWindows([8, 4, 2, 2, 1, 1], { windows: 10, size: 4, stride: 2 })
    expectAll(
      windows.map((window) => window.meanFrequency),
      [4, 1.5]
    )
    expectAll(
      windows.map((window) => window.x),
      [0.5, 0.81649658]
    )
  })

  it("shrink in one proportion where the words do not fill two, and not otherwise", () => {
    const paper = { windows: 10, size: 500, stride: 250 }
    expect(shrunkWindows(750, paper)).toEqual(paper)
    // 275 words are a tenth of the 2,750 that ten windows span.
    expect(shrunkWindows(275, paper)).toEqual({ windows: 10, size: 50, stride: 25 })
    expect(rollingWindows(new Float64Array(275).fill(1), shrunkWindows(275, paper)).length).toBe(10)
  })
})
