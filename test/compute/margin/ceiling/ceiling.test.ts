import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { completeBlocks } from "../../../../compute/margin/bound/ceiling/completeBlocks.ts"
import { completeCeiling } from "../../../../compute/margin/bound/ceiling/completeCeiling.ts"
import { evaluateSeries, gegenbauerSeries } from "../../../../compute/margin/bound/ceiling/cosineSeries.ts"
import { completeSize, verifyCeiling } from "../../../../compute/margin/bound/ceiling/ceiling.ts"
import { pairBounded } from "../../../../compute/margin/bound/ceiling/pairBound.ts"
import { completeGraph, randomGraph } from "../../../../compute/margin/graphs.ts"
import { normaliseRows } from "../../../../compute/margin/margins.ts"
import { fromLists, isRelevant } from "../../../../compute/margin/Relevance.ts"
import { solveDimension } from "../../../../compute/margin/solve/solveDimension.ts"
import { makeRandom } from "../../../../compute/random/RandomStream.ts"

/** P_l(x) by its three-term recurrence. */
const gegenbauer = (l: number, dims: number, x: number): number => {
  let before = 1
  let now = l === 0 ? 1 : x
  for (let i = 1; i < l; i++) {
    const next = ((2 * i + dims - 2) * x * now - i * before) / (i + dims - 2)
    before = now
    now = next
  }
  return now
}

const series = (c: Float64Array, theta: number): number => {
  const at = new Float64Array(3)
  evaluateSeries(c, theta, at)
  return at[0]
}

describe("gegenbauerSeries", () => {
  it("is the polynomial of the three-term recurrence, with coefficients ≥ 0 that sum to 1", () => {
    for (const dims of [2, 3, 4, 5, 8, 240]) {
      const rows = gegenbauerSeries(dims, 16)
      for (let l = 0; l <= 16; l++) {
        const row = rows.slice(l * 17, (l + 1) * 17)
        expect(Math.min(...row)).toBeGreaterThanOrEqual(0)
        expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 13)
        for (const x of [-1, -0.7, 0, 0.3, 0.99, 1])
          expect(series(row, Math.acos(x))).toBeCloseTo(gegenbauer(l, dims, x), 11)
      }
    }
  })

  it("evaluateSeries gives derivatives in the angle", () => {
    const c = Float64Array.of(0.2, -1, 0.5, 0.25, 0, -0.125)
    const at = new Float64Array(3)
    for (const theta of [0, 0.4, 1.5, 3]) {
      evaluateSeries(c, theta, at)
      const [value, slope, bend] = at
      expect(value).toBeCloseTo(
        c.reduce((sum, x, m) => sum + x * Math.cos(m * theta), 0),
        12
      )
      expect(slope).toBeCloseTo((series(c, theta + 1e-5) - series(c, theta - 1e-5)) / 2e-5, 7)
      expect(bend).toBeCloseTo(-c.reduce((sum, x, m) => sum + m * m * x * Math.cos(m * theta), 0), 11)
    }
  })
})

describe("completeBlocks", () => {
  it("no configuration has a block with a negative eigenvalue", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 7 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        fc.string(),
        (n, size, dims, l, clustered, seed) => {
          const k = Math.min(size, n - 1)
          const a = completeGraph(n, k)
          const random = makeRandom(seed, "configuration")
          const draw = (count: number): Float64Array => {
            const data = new Float64Array(count * dims)
            random.fillGaussian(data)
            if (clustered) for (let i = 0; i < data.length; i += dims) data[i] += 3
            return normaliseRows(data, dims)
          }
          const documents = draw(n)
          const queries = draw(a.rows)
          const value = (x: Float64Array, i: number, y: Float64Array, j: number): number => {
            let sum = 0
            for (let e = 0; e < dims; e++) sum += x[i * dims + e] * y[j * dims + e]
            return gegenbauer(l, dims, Math.max(-1, Math.min(1, sum)))
          }
          const mean = (values: ReadonlyArray<number>): number =>
            values.reduce((sum, x) => sum + x, 0) / values.length
          const alphas: Array<number> = []
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++) if (i !== j) alphas.push(value(documents, i, documents, j))
          const gammas: Array<number> = []
          const deltas: Array<number> = []
          for (let s = 0; s < a.rows; s++)
            for (let i = 0; i < n; i++)
              (isRelevant(a, s, i) ? gammas : deltas).push(value(queries, s, documents, i))
          const system = completeBlocks(n, k)!
          const betas = Array.from({ length: system.commons }, (): Array<number> => [])
          for (let s = 0; s < a.rows; s++) {
            for (let r = 0; r < a.rows; r++) {
              if (s === r) continue
              let common = 0
              for (let i = 0; i < n; i++) if (isRelevant(a, s, i) && isRelevant(a, r, i)) common++
              betas[common - system.first].push(value(queries, s, queries, r))
            }
          }
          const lambda = (j: number): number =>
            system.queries[j].constant +
            system.queries[j].pairs.reduce((sum, pair, t) => sum + pair * mean(betas[t]), 0)
          for (let j = 0; j < 2; j++) {
            const top = system.documents[j].constant + system.documents[j].pair * mean(alphas)
            const side = system.mixed[j].relevant * mean(gammas) + system.mixed[j].other * mean(deltas)
            const last = lambda(j)
            const least = (top + last) / 2 - Math.hypot((top - last) / 2, side)
            expect(least).toBeGreaterThanOrEqual(-1e-12)
          }
          for (let j = 2; j < system.queries.length; j++) expect(lambda(j)).toBeGreaterThanOrEqual(-1e-12)
        }
      ),
      { numRuns: 60 }
    )
  })
})

describe("pairBounded", () => {
  const everywhere = {
    rectangle: [0, Math.PI, 0, Math.PI] as const,
    misses: () => false
  }
  it("accepts a bound just above the maximum and refuses one just below", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const random = makeRandom(seed, "series")
        const f = new Float64Array(7)
        const g = new Float64Array(7)
        random.fillGaussian(f)
        random.fillGaussian(g)
        const product = random.uniform()
        let top = Number.NEGATIVE_INFINITY
        const angles = Array.from({ length: 301 }, (_, i) => (i * Math.PI) / 300)
        const values = angles.map((phi) => series(g, phi))
        for (const theta of angles) {
          const base = series(f, theta)
          angles.forEach((phi, j) => {
            const value = base + values[j] + 4 * product * Math.sin(theta / 2) * Math.sin(phi / 2)
            top = Math.max(top, value)
          })
        }
        expect(pairBounded({ f, g, product }, everywhere, top - 1e-9)).toBe(false)
        // 301 points a side miss the maximum by at most the second derivative times the squared step.
        expect(pairBounded({ f, g, product }, everywhere, top + 0.05)).toBe(true)
      }),
      { numRuns: 40 }
    )
  })
})

describe("ceiling of complete graphs", () => {
  it("reproduces the prototype: blocks alone", () => {
    // HiGHS on the same program gives .3040.
    const { certificate, upper } = completeCeiling(12, 1, 4, "zero", {
      coupled: false,
      degrees: 10,
      points: 24
    })!
    expect(upper).toBeGreaterThan(0.303)
    expect(upper).toBeLessThan(0.305)
    expect(verifyCeiling(completeGraph(12, 1), certificate)).toBe(upper)
  })

  it("no bound where dimension does not count: the dimension-free optimum has rank n", () => {
    expect(
      completeCeiling(4, 1, 4, "zero", { below: 0.499, points: 16, degrees: 6, precision: 1e-3 })
    ).toBeUndefined()
  })

  it("no known or found embedding is above the bound", async () => {
    const cells = [
      [3, 1, 2],
      [6, 1, 3],
      [5, 2, 3]
    ] as const
    for (const [n, k, dims] of cells) {
      const a = completeGraph(n, k)
      for (const threshold of ["zero", "row"] as const) {
        const bound = completeCeiling(n, k, dims, threshold, { points: 16, degrees: 6, precision: 2e-3 })
        if (bound === undefined) continue
        expect(verifyCeiling(a, bound.certificate)).toBe(bound.upper)
        const { margin } = await solveDimension(a, threshold, { dims, seed: "0", rounds: 0 })
        expect(margin).toBeLessThan(bound.upper)
      }
    }
  })

  it("one threshold for all: above the best known codes, below the dimension-free bound, no range to spare", () => {
    // Octahedron (1 − 0)/2, icosahedron (1 − 1/√5)/2; dimension-free n/(2(n − 1)).
    for (const [n, known] of [
      [6, 0.5],
      [12, (1 - 1 / Math.sqrt(5)) / 2]
    ]) {
      const a = completeGraph(n, 1)
      const options = { below: n / (2 * (n - 1)), points: 16, degrees: 8, precision: 2e-3 }
      const { certificate, upper } = completeCeiling(n, 1, 3, "global", options)!
      expect(upper).toBeGreaterThan(known)
      expect(upper).toBeLessThan(known + 0.03)
      expect(verifyCeiling(a, certificate)).toBe(upper)
      const { degrees: L, ranges } = certificate
      expect(ranges.length).toBeGreaterThan(4)
      const shorter = {
        ...certificate,
        ranges: ranges.slice(2),
        blocks: certificate.blocks.slice(6 * L),
        weights: certificate.weights.slice(1),
        constants: certificate.constants.slice(2)
      }
      expect(verifyCeiling(a, shorter)).toBe(Infinity)
      expect(verifyCeiling(a, { ...certificate, threshold: "row" })).toBe(Infinity)
      const wider = ranges.map((end, i) => (i % 2 === 1 ? end + 0.1 : end))
      expect(verifyCeiling(a, { ...certificate, ranges: wider })).toBe(Infinity)
    }
  })

  it("tampered certificates prove nothing", () => {
    const a = completeGraph(8, 1)
    const { certificate, upper } = completeCeiling(8, 1, 4, "zero", {
      points: 20,
      degrees: 8,
      precision: 1e-3
    })!
    // The prototype's .320 is on cells that are taken at their most favourable corner.
    expect(upper).toBeLessThan(0.32)
    const change = (patch: Partial<typeof certificate>): number =>
      verifyCeiling(a, { ...certificate, ...patch })
    expect(change({})).toBe(upper)
    expect(change({ margin: upper * 0.98 })).toBe(Infinity)
    expect(change({ dim: 5 })).toBe(Infinity)
    expect(change({ n: 9 })).toBe(Infinity)
    expect(change({ threshold: "global" })).toBe(Infinity)
    expect(change({ threshold: "row" })).toBe(Infinity)
    expect(change({ weights: certificate.weights.map((x) => -x) })).toBe(Infinity)
    expect(change({ weights: certificate.weights.map((x) => x * 1.05) })).toBe(Infinity)
    expect(change({ blocks: certificate.blocks.map((x, i) => (i === 1 ? x + 0.2 : x)) })).toBe(Infinity)
    expect(change({ blocks: certificate.blocks.map((x, i) => (i === 4 ? Number.NaN : x)) })).toBe(Infinity)
    expect(change({ blocks: certificate.blocks.slice(6) })).toBe(Infinity)
    expect(change({ constants: certificate.constants.map((x) => x - 1e-3) })).toBe(Infinity)
    expect(change({ constants: certificate.constants.map((x) => x + 1e-2) })).toBe(Infinity)
    expect(verifyCeiling(completeGraph(9, 1), certificate)).toBe(Infinity)
    expect(verifyCeiling(randomGraph(8, 2, 8, makeRandom("0", "g")), certificate)).toBe(Infinity)
  })

  it("knows complete graphs", () => {
    expect(completeSize(completeGraph(7, 3))).toBe(3)
    expect(completeSize(randomGraph(7, 3, 34, makeRandom("0", "g")))).toBeUndefined()
    expect(completeSize(fromLists(3, [[0], [1], [0, 2]]))).toBeUndefined()
    expect(completeSize(fromLists(3, [[0, 1, 2]]))).toBeUndefined()
  })
})
