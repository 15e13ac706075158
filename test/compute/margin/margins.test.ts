import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { zeroPad, type EmbeddingPair } from "../../../compute/margin/EmbeddingPair.ts"
import { completeGraph, randomGraph } from "../../../compute/margin/graphs.ts"
import { MarginKernel, type Precision, type Threshold } from "../../../compute/margin/kernels/MarginKernel.ts"
import { margins, normaliseRows } from "../../../compute/margin/margins.ts"
import { fromLists, hasThreshold, isRelevant, type Relevance } from "../../../compute/margin/Relevance.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const draw = (a: Relevance, dims: number, seed: string): EmbeddingPair => {
  const random = makeRandom(seed, "margins")
  const make = (count: number): Float64Array => {
    const data = new Float64Array(count * dims)
    random.fillGaussian(data)
    return normaliseRows(data, dims)
  }
  return { dims, queries: make(a.rows), documents: make(a.columns) }
}

/** The definition, read off all scores at once. */
const naive = (a: Relevance, { dims, documents, queries }: EmbeddingPair) => {
  let [least, greatest, row] = [Infinity, -Infinity, Infinity]
  for (let j = 0; j < a.rows; j++) {
    let [rowLeast, rowGreatest] = [Infinity, -Infinity]
    for (let i = 0; i < a.columns; i++) {
      let s = 0
      for (let k = 0; k < dims; k++) s += queries[j * dims + k] * documents[i * dims + k]
      if (isRelevant(a, j, i)) rowLeast = Math.min(rowLeast, s)
      else rowGreatest = Math.max(rowGreatest, s)
    }
    least = Math.min(least, rowLeast)
    greatest = Math.max(greatest, rowGreatest)
    if (rowLeast < Infinity && rowGreatest > -Infinity) row = Math.min(row, (rowLeast - rowGreatest) / 2)
  }
  return { zero: Math.min(least, -greatest), global: (least - greatest) / 2, row }
}

const matrices: ReadonlyArray<readonly [string, Relevance]> = [
  ["complete 7,2", completeGraph(7, 2)],
  ["random 13,3", randomGraph(13, 3, 40, makeRandom("0", "g"))],
  ["uneven rows", fromLists(9, [[0], [1, 2, 3, 4], [], [0, 1, 2, 3, 4, 5, 6, 7, 8], [8, 2], [5]])]
]
const thresholds: ReadonlyArray<Threshold> = ["zero", "global", "row"]

/** x · 2^60, exact for the floats below 1 that matter here to 2^−52. */
const big = (x: number): bigint => BigInt(Math.round(x * 2 ** 52)) * 2n ** 8n

describe("margins three ways", () => {
  it.each(matrices)("agree with the definition: %s", (_, a) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.string(), (dims, seed) => {
        const pair = draw(a, dims, seed)
        const measured = margins(a, pair.queries, pair.documents, dims)
        const expected = naive(a, pair)
        for (const threshold of thresholds) expect(measured[threshold]).toBeCloseTo(expected[threshold], 12)
        expect(measured.zero).toBeLessThanOrEqual(measured.global!)
        expect(measured.global!).toBeLessThanOrEqual(measured.row!)
      }),
      { numRuns: 30 }
    )
  })

  it("leave one-class rows out of the row margin and count them", () => {
    const a = fromLists(2, [[0], [], [0, 1]])
    const pair = draw(a, 3, "x")
    expect(margins(a, pair.queries, pair.documents, 3).oneClassRows).toBe(2)
    const single = fromLists(2, [[0, 1]])
    const all = draw(single, 3, "y")
    const measured = margins(single, all.queries, all.documents, 3)
    expect(measured.global).toBeNull()
    expect(measured.row).toBeNull()
    expect(measured.relativeBias).toBeNull()
  })

  it("zero padding changes no margin", () => {
    const [, a] = matrices[1]
    const pair = draw(a, 4, "pad")
    const padded = zeroPad(pair, 9)
    expect(margins(a, padded.queries, padded.documents, 9).global).toBe(
      margins(a, pair.queries, pair.documents, 4).global
    )
  })

  it("are exact where every row is a signed axis", () => {
    const a = completeGraph(4, 1)
    const plane = Float64Array.of(1, 0, 0, 1, -1, 0, 0, -1)
    const cross = margins(a, plane, plane, 2)
    expect([cross.zero, cross.global, cross.row, cross.roundingBound]).toEqual([0, 0.5, 0.5, 0])
    const nearly = plane.map((x) => x * (1 - 2 ** -53))
    expect(margins(a, nearly, plane, 2).roundingBound).toBeGreaterThan(0)
    const doubled = Float64Array.of(1, 0, 0, 1, -1, 1, 0, -1)
    expect(margins(a, doubled, plane, 2).roundingBound).toBeGreaterThan(0)
  })

  it("have the thresholds that a matrix has", () => {
    const has = (lists: ReadonlyArray<ReadonlyArray<number>>) =>
      thresholds.filter((threshold) => hasThreshold(fromLists(2, lists), threshold))
    expect(has([[0, 1]])).toEqual(["zero"])
    expect(has([[], [0, 1]])).toEqual(["zero", "global"])
    expect(has([[], [0]])).toEqual(["zero", "global", "row"])
  })

  it("the rounding bound covers the difference to a long computation", () => {
    const a = completeGraph(12, 2)
    const pair = draw(a, 37, "rounding")
    const measured = margins(a, pair.queries, pair.documents, 37)
    // Exact dot products of the stored floats, scaled integers: 2^-60 steps are beyond what 37 products of floats below 1 need.
    const scale = 2 ** 60
    let [least, greatest] = [1n << 200n, -(1n << 200n)]
    for (let j = 0; j < a.rows; j++) {
      for (let i = 0; i < a.columns; i++) {
        let s = 0n
        for (let k = 0; k < 37; k++) s += big(pair.queries[j * 37 + k]) * big(pair.documents[i * 37 + k])
        if (isRelevant(a, j, i)) least = s < least ? s : least
        else greatest = s > greatest ? s : greatest
      }
    }
    const exact = Number((least - greatest) / BigInt(scale)) / scale / 2
    expect(Math.abs(exact - measured.global!)).toBeLessThan(measured.roundingBound + 37 * 2 ** -52)
  })
})

/** The smoothed margin from its formula. */
const smoothed = (a: Relevance, pair: EmbeddingPair, threshold: Threshold, t: number): number => {
  const { dims, documents, queries } = pair
  const terms = { positive: 0, negative: 0, rows: 0 }
  for (let j = 0; j < a.rows; j++) {
    let [p, q] = [0, 0]
    for (let i = 0; i < a.columns; i++) {
      let s = 0
      for (let k = 0; k < dims; k++) s += queries[j * dims + k] * documents[i * dims + k]
      if (isRelevant(a, j, i)) p += Math.exp(-t * s)
      else q += Math.exp(t * s)
    }
    terms.positive += p
    terms.negative += q
    if (p > 0 && q > 0) terms.rows += Math.sqrt(p * q)
  }
  if (threshold === "zero") return -Math.log(terms.positive + terms.negative) / t
  if (threshold === "row") return -Math.log(terms.rows) / t
  return -(Math.log(terms.positive) + Math.log(terms.negative)) / (2 * t)
}

describe("the kernel", () => {
  const precisions: ReadonlyArray<readonly [Precision, number]> = [
    ["float64", 1e-12],
    ["float32", 2e-5]
  ]
  for (const [precision, tolerance] of precisions) {
    for (const threshold of thresholds) {
      it.each(matrices)(`${precision} ${threshold} agrees with the formula: %s`, (_, a) => {
        for (const dims of [1, 3, 8, 19]) {
          const pair = draw(a, dims, `kernel ${dims}`)
          const kernel = new MarginKernel(a, { dims, threshold, precision, adam: false })
          kernel.load(pair.queries, pair.documents)
          for (const t of [1, 7]) {
            expect(Math.abs(kernel.pass(t).smoothed - smoothed(a, pair, threshold, t))).toBeLessThan(
              tolerance
            )
          }
          expect(
            Math.abs(kernel.pass(7).margin - margins(a, pair.queries, pair.documents, dims)[threshold]!)
          ).toBeLessThan(tolerance)
        }
      })
    }
  }

  it("gradients match central differences on the spheres", () => {
    const a = matrices[2][1]
    const dims = 5
    const pair = draw(a, dims, "gradient")
    for (const threshold of thresholds) {
      const kernel = new MarginKernel(a, { dims, threshold, precision: "float64", adam: false })
      kernel.load(pair.queries, pair.documents)
      kernel.pass(5)
      kernel.gradient()
      for (const side of ["queries", "documents"] as const) {
        const gradient = side === "queries" ? kernel.queryGradient : kernel.documentGradient
        for (let row = 0; row < pair[side].length / dims; row++) {
          for (let k = 0; k < dims; k++) {
            const moved = (h: number): number => {
              const data = pair[side].slice()
              data[row * dims + k] += h
              return smoothed(a, { ...pair, [side]: normaliseRows(data, dims) }, threshold, 5)
            }
            const difference = -(moved(1e-5) - moved(-1e-5)) / 2e-5
            expect(Math.abs(gradient[row * kernel.stride + k] - difference)).toBeLessThan(1e-8)
          }
        }
      }
    }
  })

  it("stays accurate when the scores jump between passes (exponents are re-centred)", () => {
    const a = completeGraph(8, 2)
    const dims = 6
    const kernel = new MarginKernel(a, { dims, threshold: "global", precision: "float64", adam: false })
    for (const seed of ["p", "q"]) {
      const pair = draw(a, dims, seed)
      kernel.load(pair.queries, pair.documents)
      const result = kernel.pass(500)
      expect(result.smoothed).toBeLessThanOrEqual(result.margin)
      expect(result.margin - result.smoothed).toBeLessThan(Math.log(a.rows * a.columns) / 500)
    }
  })
})
