import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { assign } from "../../../compute/alignment/assignment.ts"
import { matchFeatures } from "../../../compute/alignment/matched.ts"
import type { CompressedRows } from "../../../compute/alignment/rows.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const sparse = (rows: ReadonlyArray<ReadonlyArray<number>>): CompressedRows => {
  const indptr = [0]
  const indices: Array<number> = []
  const values: Array<number> = []
  for (const row of rows) {
    row.forEach((value, column) => {
      if (value === 0) return
      indices.push(column)
      values.push(value)
    })
    indptr.push(indices.length)
  }
  return {
    rows: rows.length,
    dims: rows[0].length,
    indptr: Float64Array.from(indptr),
    indices: Uint32Array.from(indices),
    values: Float64Array.from(values)
  }
}

/** The best assignment by trying all of them; a row may stay alone. */
const bruteForce = (weights: ReadonlyArray<ReadonlyArray<number>>, row = 0, used = 0): number => {
  if (row === weights.length) return 0
  let best = bruteForce(weights, row + 1, used)
  weights[row].forEach((weight, column) => {
    if ((used & (1 << column)) === 0)
      best = Math.max(best, weight + bruteForce(weights, row + 1, used | (1 << column)))
  })
  return best
}

const greedy = (weights: ReadonlyArray<ReadonlyArray<number>>): number => {
  const all = weights.flatMap((row, r) => row.map((weight, c) => ({ weight, r, c })))
  all.sort((x, y) => y.weight - x.weight)
  const rows = new Set<number>()
  const columns = new Set<number>()
  let sum = 0
  for (const { c, r, weight } of all) {
    if (weight <= 0 || rows.has(r) || columns.has(c)) continue
    rows.add(r)
    columns.add(c)
    sum += weight
  }
  return sum
}

const weightTable = fc.integer({ min: 1, max: 7 }).chain((columns) =>
  fc.array(fc.array(fc.integer({ min: -3, max: 9 }), { minLength: columns, maxLength: columns }), {
    minLength: 1,
    maxLength: 7
  })
)

describe("assign", () => {
  it("equals brute force, is no worse than greedy, and its prices prove it", () => {
    fc.assert(
      fc.property(weightTable, (weights) => {
        const columnCount = weights[0].length
        const columns = weights.map((row) => row.map((_, c) => c))
        const found = assign({ columns, weights, columnCount })
        expect(found.value).toBeCloseTo(bruteForce(weights), 9)
        expect(found.value).toBeGreaterThanOrEqual(greedy(weights) - 1e-9)
        const prices = [...found.rowPrice, ...found.columnPrice]
        expect(prices.reduce((sum, price) => sum + price, 0)).toBeCloseTo(found.value, 9)
        for (const price of prices) expect(price).toBeGreaterThanOrEqual(0)
        weights.forEach((row, r) =>
          row.forEach((weight, c) => {
            expect(found.rowPrice[r] + found.columnPrice[c]).toBeGreaterThanOrEqual(weight - 1e-9)
          })
        )
        const used = Array.from(found.columnOf).filter((column) => column >= 0)
        expect(new Set(used).size).toBe(used.length)
      }),
      { numRuns: 400 }
    )
  })

  it("solves a larger sparse graph with prices that add up to its value", () => {
    const random = makeRandom("assign", "large")
    const size = 600
    const columns = Array.from({ length: size }, () => Array.from(random.sample(size, 12)))
    const weights = columns.map((row) => row.map(() => random.uniform()))
    const found = assign({ columns, weights, columnCount: size })
    const prices = [...found.rowPrice, ...found.columnPrice].reduce((sum, price) => sum + price, 0)
    expect(prices).toBeCloseTo(found.value, 8)
    columns.forEach((row, r) =>
      row.forEach((column, e) => {
        expect(found.rowPrice[r] + found.columnPrice[column]).toBeGreaterThanOrEqual(weights[r][e] - 1e-9)
      })
    )
  })
})

describe("matchFeatures", () => {
  it("gives an example worked out by hand", () => {
    // G = [[0, 2], [6, 0]], 8 / √66; binary G = [[0, 2], [1, 0]], 3 / 3.
    const x = sparse([
      [1, 0],
      [0, 2],
      [1, 0]
    ])
    const y = sparse([
      [0, 1],
      [3, 0],
      [0, 1]
    ])
    const weighted = matchFeatures(x, y)
    expect(weighted.correlation).toBeCloseTo(0.98473193, 8)
    expect(weighted.bound).toBeCloseTo(0.98473193, 8)
    expect(Array.from(weighted.matched)).toEqual([1, 0])
    expect(matchFeatures(x, y, { binary: true }).correlation).toBe(1)
  })

  it("finds a permutation of the features, and 1 between a code and itself", () => {
    const random = makeRandom("features", "permuted")
    const rows = Array.from({ length: 200 }, () => {
      const row = Array.from({ length: 40 }, () => 0)
      for (const f of random.sample(40, 4)) row[f] = 0.5 + random.uniform()
      return row
    })
    const order = random.permutation(40)
    const moved = rows.map((row) => Array.from(order, (f) => row[f]))
    const found = matchFeatures(sparse(rows), sparse(moved))
    expect(found.correlation).toBeCloseTo(1, 12)
    expect(Array.from(found.matched, (column) => order[column])).toEqual(
      Array.from({ length: 40 }, (_, f) => f)
    )
  })

  it("equals brute force on small codes, from one candidate on, with a bound that holds", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), fc.boolean(), (seed, candidates, binary) => {
        const random = makeRandom(String(seed), "codes")
        const code = (dims: number) =>
          Array.from({ length: 12 }, () =>
            Array.from({ length: dims }, () => (random.uniform() < 0.4 ? 0.1 + random.uniform() : 0))
          )
        const [x, y] = [code(6), code(5)]
        const of = (value: number) => (binary ? (value > 0 ? 1 : 0) : value)
        const products = x[0].map((_, f) =>
          y[0].map((_, g) => x.reduce((sum, row, i) => sum + of(row[f]) * of(y[i][g]), 0))
        )
        const norm = Math.sqrt(
          x.flat().reduce((sum, v) => sum + of(v) ** 2, 0) * y.flat().reduce((sum, v) => sum + of(v) ** 2, 0)
        )
        if (norm === 0) return
        const best = bruteForce(products) / norm
        const found = matchFeatures(sparse(x), sparse(y), { candidates, binary, tolerance: 0, rounds: 50 })
        expect(found.correlation).toBeCloseTo(best, 9)
        expect(found.bound).toBeCloseTo(best, 9)
        const hasty = matchFeatures(sparse(x), sparse(y), { candidates: 1, binary, rounds: 1 })
        expect(hasty.correlation).toBeLessThanOrEqual(best + 1e-9)
        expect(hasty.bound).toBeGreaterThanOrEqual(best - 1e-9)
      }),
      { numRuns: 150 }
    )
  })

  it("drops to a low baseline when rows are permuted, as it does on permuted rows", () => {
    const random = makeRandom("baseline", "codes")
    const rows = Array.from({ length: 400 }, () => Array.from(random.sample(64, 5)))
    const code = sparse(
      rows.map((active) => Array.from({ length: 64 }, (_, f) => (active.includes(f) ? 1 : 0)))
    )
    const order = random.permutation(400)
    const own = matchFeatures(code, code)
    const baseline = matchFeatures(code, code, { order, tolerance: 1e-2 })
    expect(own.correlation).toBeCloseTo(1, 12)
    expect(baseline.correlation).toBeLessThan(0.25)
    expect(baseline.bound / baseline.correlation).toBeLessThan(1.011)
    const moved = sparse(
      Array.from(order, (i) => Array.from({ length: 64 }, (_, f) => (rows[i].includes(f) ? 1 : 0)))
    )
    expect(matchFeatures(code, moved, { tolerance: 1e-2 }).correlation).toBeCloseTo(baseline.correlation, 12)
  })
})
