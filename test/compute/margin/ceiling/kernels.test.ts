import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { ceiling, verifyCeiling } from "../../../../compute/margin/bound/ceiling/ceiling.ts"
import { gegenbauerSeries } from "../../../../compute/margin/bound/ceiling/cosineSeries.ts"
import { kernelCeiling } from "../../../../compute/margin/bound/ceiling/kernelsCeiling.ts"
import {
  verifyKernels,
  type KernelCertificate
} from "../../../../compute/margin/bound/ceiling/kernelsCertificate.ts"
import { AngleInterval, ThresholdCells } from "../../../../compute/margin/bound/ceiling/kernelsMaxima.ts"
import { KernelObjective } from "../../../../compute/margin/bound/ceiling/kernelsObjective.ts"
import { leastAngle, pairsOfPoints } from "../../../../compute/margin/bound/ceiling/kernelsPairs.ts"
import { completeGraph, randomGraph } from "../../../../compute/margin/graphs.ts"
import { margins, normaliseRows } from "../../../../compute/margin/margins.ts"
import { fromLists, type Relevance, type Threshold } from "../../../../compute/margin/Relevance.ts"
import { makeRandom } from "../../../../compute/random/RandomStream.ts"

const kinds: ReadonlyArray<Threshold> = ["zero", "global", "row"]
const count = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => i)

const certificateOf = (
  a: Relevance,
  threshold: Threshold,
  dim: number,
  margin: number,
  rank: number,
  seed: string
): KernelCertificate => {
  const factors = new Float64Array(3 * rank * (a.rows + a.columns))
  makeRandom(seed, "factors").fillGaussian(factors)
  return {
    type: "kernels",
    dim,
    threshold,
    margin,
    rows: count(a.rows),
    columns: count(a.columns),
    ranges: threshold === "zero" ? Float64Array.of(0, 0) : Float64Array.of(-1, 1),
    ranks: new Float64Array(3).fill(rank),
    factors
  }
}

describe("a ceiling by kernels", () => {
  const a = completeGraph(6, 1)
  let found: KernelCertificate

  beforeAll(() => {
    const result = kernelCeiling(a, "zero", 3, { degrees: 8 })!
    found = result.certificate
    expect(result.upper).toBe(found.margin)
  })

  it("is proved by its certificate, below the dimension-free bound 3/7 of complete:6,1", () => {
    expect(verifyKernels(a, found)).toBe(found.margin)
    expect(found.margin).toBeLessThan(0.39)
  })

  it("proves nothing of less, of another dimension, matrix or threshold", () => {
    expect(verifyKernels(a, { ...found, margin: found.margin * 0.999 })).toBe(Infinity)
    expect(verifyKernels(a, { ...found, dim: 4 })).toBe(Infinity)
    expect(verifyKernels(fromLists(6, [[0], [1], [2], [3], [4], [5, 0]]), found)).toBe(Infinity)
    expect(verifyKernels(a, { ...found, threshold: "global" })).toBe(Infinity)
    expect(verifyKernels(a, { ...found, threshold: "global", ranges: Float64Array.of(-1, 1) })).toBe(Infinity)
  })

  it("refuses what does not fit, and never throws", () => {
    const broken: ReadonlyArray<Partial<KernelCertificate>> = [
      { margin: Number.NaN },
      { margin: 0 },
      { margin: -1 },
      { dim: 1 },
      { dim: 2.5 },
      { dim: Number.NaN },
      { ranks: new Float64Array(0) },
      { ranks: found.ranks.map((rank) => -rank) },
      { ranks: found.ranks.map(() => Number.NaN) },
      { rows: Float64Array.of(0, 0, 1, 2, 3, 4) },
      { rows: found.rows.map((row) => row + 1) },
      { columns: found.columns.map(() => Number.NaN) },
      { factors: found.factors.subarray(1) },
      { factors: found.factors.map(() => 0) },
      { factors: found.factors.map(() => Number.NaN) },
      { factors: found.factors.map((x) => x * 1e300) },
      { factors: found.factors.map((x, i) => (i === 5 ? Number.POSITIVE_INFINITY : x)) },
      { ranges: new Float64Array(0) },
      { ranges: Float64Array.of(Number.NaN, Number.NaN) },
      { threshold: "none" as Threshold },
      { factors: undefined as unknown as Float64Array },
      { rows: [0, 1] as unknown as Float64Array }
    ]
    for (const part of broken) expect(verifyKernels(a, { ...found, ...part })).toBe(Infinity)
  })

  it("one threshold for all is parted, and every part of its range is needed", () => {
    const b = completeGraph(5, 1)
    const alone = kernelCeiling(b, "global", 2, { degrees: 8, splits: 0 })!
    const { certificate, upper } = kernelCeiling(b, "global", 2, { degrees: 8, splits: 2 })!
    expect(upper).toBeLessThan(alone.upper - 0.005)
    expect(verifyKernels(b, certificate)).toBe(upper)
    const parts = certificate.ranges.length / 2
    expect(parts).toBeGreaterThan(2)
    const size = certificate.factors.length / parts
    for (let part = 0; part < parts; part++) {
      const kept = (_: number, i: number, of: Float64Array): boolean =>
        Math.floor((i * parts) / of.length) !== part
      const [ranges, factors] = [certificate.ranges.filter(kept), certificate.factors.filter(kept)]
      expect(factors.length).toBe(size * (parts - 1))
      expect(verifyKernels(b, { ...certificate, ranges, factors })).toBe(Infinity)
    }
  })

  it("is what a matrix that is no complete graph gets, in one dimension as in two", () => {
    const path = fromLists(6, [[0], [1], [2], [3], [4, 5]])
    const result = ceiling(path, "zero", 1)!
    expect(result.certificate.type).toBe("kernels")
    expect(verifyCeiling(path, result.certificate)).toBe(result.upper)
    expect(result.upper).toBeLessThan(0.35)
  })

  it("stops where it is told to, and gives nothing where nothing below is proved", () => {
    expect(kernelCeiling(a, "zero", 3, { below: 0.1, degrees: 4 })).toBeUndefined()
    let asked = 0
    kernelCeiling(a, "zero", 3, { shouldStop: () => ++asked > 3 })
    expect(asked).toBeLessThan(40)
  })
})

describe("what certificates by kernels may not prove", () => {
  it("a margin that an embedding has, whatever the kernels", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 4 }),
        fc.string(),
        fc.constantFrom(...kinds),
        (dims, seed, threshold) => {
          const random = makeRandom(seed, "embedding")
          const vectors = (rows: number): Float64Array => {
            const data = new Float64Array(rows * dims)
            random.fillGaussian(data)
            return normaliseRows(data, dims)
          }
          // The relevance that the scores of random vectors make with a random threshold has a margin of that embedding.
          const queries = vectors(4)
          const documents = vectors(5)
          const level = threshold === "zero" ? 0 : random.uniform() - 0.5
          const lists = Array.from({ length: 4 }, (_, j) =>
            Array.from({ length: 5 }, (_, i) => i).filter((i) => {
              let score = 0
              for (let k = 0; k < dims; k++) score += queries[j * dims + k] * documents[i * dims + k]
              return score > level
            })
          )
          const a = fromLists(5, lists)
          if (a.rows < 4) return
          const margin = margins(a, queries, documents, dims)[threshold]
          if (margin === null || margin < 1e-6) return
          for (const rank of [1, 3]) {
            const certificate = certificateOf(a, threshold, dims, margin * (1 - 1e-9), rank, seed)
            expect(verifyKernels(a, certificate)).toBe(Infinity)
          }
        }
      ),
      { numRuns: 60 }
    )
  })

  it.each([
    ["the square", 4, 2, 0.5],
    ["the pentagon", 5, 2, (1 - Math.cos((2 * Math.PI) / 5)) / 2]
  ])("less than the global margin of %s", (_, n, dims, margin) => {
    const result = kernelCeiling(completeGraph(n, 1), "global", dims, { degrees: 6, splits: 2 })
    expect(result === undefined || result.upper >= margin).toBe(true)
  })
})

describe("the parts", () => {
  it.each(kinds)("%s: the gradient is that of the smoothed value", (threshold) => {
    const a = randomGraph(6, 2, 5, makeRandom("0", "g"))
    const zero = threshold === "zero"
    const pairs = pairsOfPoints(a, threshold, count(5), count(6))
    const objective = new KernelObjective(
      {
        pairs,
        dims: 4,
        degrees: 3,
        ranks: [11, 3, 3],
        from: zero ? 0 : -1,
        to: zero ? 0 : 1,
        shared: threshold !== "row"
      },
      0.2,
      12
    )
    const factors = new Float64Array(objective.size)
    makeRandom("1", "x").fillGaussian(factors)
    const gradient = new Float64Array(objective.size)
    const value = objective.evaluate(factors, 100, gradient)
    expect(objective.evaluate(factors, Infinity)).toBeLessThanOrEqual(value)
    expect(objective.evaluate(factors, 1e7)).toBeCloseTo(objective.evaluate(factors, Infinity), 4)
    for (let i = 0; i < objective.size; i += 5) {
      const at = (x: number): number => {
        const moved = factors.slice()
        moved[i] += x
        return objective.evaluate(moved, 100)
      }
      expect((at(1e-5) - at(-1e-5)) / 2e-5).toBeCloseTo(gradient[i], 7)
    }
  })

  const valueAt = (series: Float64Array, angle: number): number =>
    series.reduce((sum, c, m) => sum + c * Math.cos(m * angle), 0)

  it("the highest value on an interval of angles is bounded from above, and closely", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 13 }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (coefficients, from) => {
          const series = Float64Array.from(coefficients)
          const bound = new AngleInterval(from, Math.PI, series.length - 1).highest(series)
          let most = Number.NEGATIVE_INFINITY
          for (let i = 0; i <= 5000; i++) {
            most = Math.max(most, valueAt(series, from + ((Math.PI - from) * i) / 5000))
          }
          expect(bound).toBeGreaterThanOrEqual(most - 1e-12)
          expect(bound).toBeLessThanOrEqual(most + 1e-3)
        }
      ),
      { numRuns: 60 }
    )
  })

  it("so are sums over pairs of what a threshold allows", () => {
    const dims = 4
    const degrees = 5
    const margin = 0.2
    const random = makeRandom("2", "sums")
    const polynomials = gegenbauerSeries(dims, degrees)
    const cells = new ThresholdCells(margin, -0.8, 0.8, dims, degrees)
    const pairs = Array.from({ length: 6 }, (_, pair) => {
      const coefficients = Float64Array.from({ length: degrees }, () => random.gaussian())
      const series = new Float64Array(degrees + 1)
      coefficients.forEach((x, l) => {
        for (let m = 0; m <= l + 1; m++) series[m] += x * polynomials[(l + 1) * (degrees + 1) + m]
      })
      cells.add(pair % 2 === 0, coefficients, series)
      return series
    })
    let most = Number.NEGATIVE_INFINITY
    for (let tau = -0.8; tau <= 0.8; tau += 0.01) {
      let sum = 0
      pairs.forEach((series, pair) => {
        let best = Number.NEGATIVE_INFINITY
        const [low, high] = pair % 2 === 0 ? [tau + margin, 1] : [-1, tau - margin]
        for (let i = 0; i <= 300; i++) {
          best = Math.max(
            best,
            valueAt(series, Math.acos(Math.max(-1, Math.min(1, low + ((high - low) * i) / 300))))
          )
        }
        sum += best
      })
      most = Math.max(most, sum)
    }
    expect(cells.highest()).toBeGreaterThanOrEqual(most - 1e-12)
    expect(cells.highest()).toBeLessThanOrEqual(most + 0.05)
  })

  it("documents that a query separates are apart, and queries that differ: with a threshold each if neither holds the other", () => {
    const a = fromLists(3, [[0], [0, 1], [1, 2]])
    const apartOf = (threshold: Threshold): ReadonlyArray<string> => {
      const { apart, first, free, second } = pairsOfPoints(a, threshold, count(3), count(3))
      return Array.from({ length: apart - free }, (_, i) => `${first[free + i]}-${second[free + i]}`)
    }
    expect(apartOf("zero")).toEqual(["0-1", "0-2", "1-2", "3-4", "3-5", "4-5"])
    expect(apartOf("row")).toEqual(["0-2", "1-2", "3-4", "3-5", "4-5"])
    expect(leastAngle(0.3, -1, 1)).toBeCloseTo(2 * Math.asin(0.3), 12)
    expect(leastAngle(0.3, 0.3, 0.5)).toBeCloseTo(Math.acos(0) - Math.acos(0.6), 12)
    expect(leastAngle(0.3, -0.5, -0.3)).toBeCloseTo(Math.acos(0) - Math.acos(0.6), 12)
  })
})
