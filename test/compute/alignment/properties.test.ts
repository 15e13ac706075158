import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { centreBlock, centreRows, MeanOfUnitRows } from "../../../compute/alignment/centre.ts"
import { gram } from "../../../compute/alignment/gram.ts"
import {
  crossTerms,
  hsicBiased,
  hsicTermsOfGram,
  hsicTermsOfRows,
  hsicUnbiased
} from "../../../compute/alignment/hsic.ts"
import { allMetrics, parseMetrics } from "../../../compute/alignment/metrics.ts"
import { neighboursOf, neighboursOfGram, permuteNeighbours } from "../../../compute/alignment/neighbours.ts"
import { selectDense } from "../../../compute/alignment/rows.ts"
import type { CompressedRows, DenseRows, Rows } from "../../../compute/alignment/rows.ts"
import { scorePair } from "../../../compute/alignment/scores.ts"
import { editDistanceKnn, lcsKnn } from "../../../compute/alignment/sequences.ts"
import { needsOf, prepareView } from "../../../compute/alignment/views.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { gaussian, lists, map, matrix, noisy, rotated, slowGram, slowNeighbours, tableOf } from "./support.ts"

const names = [...allMetrics, "cknna_biased"]

const scores = (
  a: Rows,
  b: Rows,
  options: {
    readonly k?: number
    readonly q?: number
    readonly gramRows?: number
    readonly names?: ReadonlyArray<string>
  } = {}
): { readonly [name: string]: number } => {
  const specs = parseMetrics(options.names ?? names, { k: options.k ?? 5, q: options.q ?? 4 })
  const view = (rows: Rows) =>
    prepareView(rows, needsOf(specs), {
      convention: "exact",
      ...(options.gramRows === undefined ? {} : { gramRows: options.gramRows })
    })
  const values = scorePair(view(a), view(b), specs, "exact")
  return Object.fromEntries(specs.map((spec, m) => [spec.name, values[m]]))
}

const expectClose = (
  found: { readonly [name: string]: number },
  expected: { readonly [name: string]: number },
  tolerance: number
) => {
  for (const name of Object.keys(expected)) {
    expect(Math.abs(found[name] - expected[name]), name).toBeLessThanOrEqual(
      tolerance * (1 + Math.abs(expected[name]))
    )
  }
}

const small = fc.record({
  seed: fc.nat().map(String),
  rows: fc.integer({ min: 12, max: 40 }),
  dims: fc.integer({ min: 5, max: 60 })
})

describe("every metric", () => {
  it("is perfect between a view and itself", () => {
    fc.assert(
      fc.property(small, ({ seed, rows, dims }) => {
        const x = gaussian(seed, rows, dims)
        expectClose(
          scores(x, x),
          {
            mutual_knn: 1,
            lcs_knn: 5,
            edit_distance_knn: 0,
            cka: 1,
            unbiased_cka: 1,
            cknna: 1,
            cknna_biased: 1,
            svcca: 1
          },
          1e-9
        )
      }),
      { numRuns: 20 }
    )
  })

  it("does not change under rotation of a view", () => {
    fc.assert(
      fc.property(small, ({ seed, rows, dims }) => {
        const x = gaussian(seed, rows, dims)
        const y = noisy(x, 0.7, `${seed} noise`)
        expectClose(scores(rotated(x, `${seed} rotation`), y), scores(x, y), 1e-7)
      }),
      { numRuns: 20 }
    )
  })

  it("does not change when a view is scaled, by 1e-3 as little as by 1e3 or 1e-20", () => {
    for (const scale of [1e-20, 1e-3, 1e3, 1e9]) {
      const x = gaussian("scaled", 30, 12)
      const y = noisy(x, 0.7, "noise")
      const scaled = map(x, (value) => value * scale)
      expectClose(scores(scaled, y), scores(x, y), 1e-9)
      expect(scores(x, scaled).unbiased_cka).toBeCloseTo(1, 9)
    }
  })

  it("does not change when both views' rows are re-ordered", () => {
    const x = gaussian("order", 30, 12)
    const y = noisy(x, 0.7, "noise")
    const order = makeRandom("order", "rows").permutation(30)
    expectClose(scores(selectDense(x, order), selectDense(y, order)), scores(x, y), 1e-8)
  })
})

describe("column shifts", () => {
  const x = gaussian("shift", 60, 10)
  const y = noisy(x, 1, "noise")
  const shifted = map(x, (value, _, column) => value + 3 * Math.cos(column))

  it("leave CKA alone", () => {
    expectClose(
      scores(shifted, y, { names: ["cka", "unbiased_cka"] }),
      scores(x, y, { names: ["cka", "unbiased_cka"] }),
      1e-9
    )
  })

  it("move neighbours", () => {
    expect(scores(shifted, y).mutual_knn).not.toBe(scores(x, y).mutual_knn)
    expect(scores(shifted, y).edit_distance_knn).not.toBe(scores(x, y).edit_distance_knn)
  })
})

describe("a view without variation", () => {
  const flat = map(gaussian("flat", 20, 4), () => 0.1)
  const x = gaussian("varied", 20, 4)

  it("has no CKA and no SVCCA, rather than 0", () => {
    const found = scores(flat, x, { names: ["cka", "unbiased_cka", "svcca"], q: 1 })
    expect(found).toEqual({ cka: Number.NaN, unbiased_cka: Number.NaN, svcca: Number.NaN })
  })

  it("has no SVCCA beyond its rank", () => {
    const rankTwo = map(x, (value, _, column) => (column < 2 ? value : 0))
    expect(scores(rankTwo, x, { names: ["svcca"], q: 2 }).svcca).toBeGreaterThan(0)
    expect(scores(rankTwo, x, { names: ["svcca"], q: 3 }).svcca).toBeNaN()
  })
})

describe("unrelated gaussian views", () => {
  it("n = 1000: biased CKA is p / (n + p), unbiased CKA 0, mutual kNN k / (n − 1)", () => {
    for (const p of [100, 1000]) {
      const found = scores(gaussian(`left ${p}`, 1000, p), gaussian(`right ${p}`, 1000, p), {
        k: 10,
        names: ["cka", "unbiased_cka", "mutual_knn"]
      })
      expect(Math.abs(found.cka - p / (1000 + p))).toBeLessThan(0.01)
      expect(Math.abs(found.unbiased_cka)).toBeLessThan(0.01)
      expect(Math.abs(found.mutual_knn - 10 / 999)).toBeLessThan(0.003)
    }
  })
})

describe("HSIC", () => {
  it("equals the trace form, and the published unbiased formula", () => {
    fc.assert(
      fc.property(small, ({ seed, rows: n, dims }) => {
        const x = gaussian(seed, n, dims)
        const y = noisy(
          map(x, (value) => value + 1),
          2,
          `${seed} noise`
        )
        const K = slowGram(x)
        const L = slowGram(y)
        const centre = (matrix: Float64Array): Float64Array => {
          const H = Float64Array.from(
            { length: n * n },
            (_, p) => (Math.floor(p / n) === p % n ? 1 : 0) - 1 / n
          )
          return multiply(H, matrix, n)
        }
        const KH = multiply(centre(K), centre(L), n)
        let trace = 0
        for (let i = 0; i < n; i++) trace += KH[i * n + i]
        const a = hsicTermsOfGram(gram(x), n)
        const b = hsicTermsOfGram(gram(y), n)
        const cross = crossTerms(a, b)
        expect(Math.abs(hsicBiased(cross) / trace - 1)).toBeLessThan(1e-10)

        const hollow = (matrix: Float64Array) =>
          matrix.map((value, p) => (Math.floor(p / n) === p % n ? 0 : value))
        const [P, Q] = [hollow(K), hollow(L)]
        const PQ = multiply(P, Q, n)
        const published =
          (sum(P.map((value, p) => value * Q[p])) +
            (sum(P) * sum(Q)) / ((n - 1) * (n - 2)) -
            (2 * sum(PQ)) / (n - 2)) /
          (n * (n - 3))
        const size = Math.sqrt(hsicUnbiased(a, a, crossTerms(a, a)) * hsicUnbiased(b, b, crossTerms(b, b)))
        expect(Math.abs(hsicUnbiased(a, b, cross) - published) / size).toBeLessThan(1e-9)
      }),
      { numRuns: 20 }
    )
  })

  it("is the same through the features, plain and permuted", () => {
    fc.assert(
      fc.property(small, ({ seed, rows: n, dims }) => {
        const x = map(gaussian(seed, n, dims), (value) => value + 2)
        const y = gaussian(`${seed} other`, n, 7)
        const order = makeRandom(seed, "order").permutation(n)
        const [a, b] = [hsicTermsOfGram(gram(x), n), hsicTermsOfGram(gram(y), n)]
        const [c, d] = [hsicTermsOfRows(x), hsicTermsOfRows(y)]
        expect(c.uncentredSquare / a.uncentredSquare).toBeCloseTo(1, 9)
        for (const permutation of [undefined, order]) {
          const ours = crossTerms(a, b, permutation)
          const theirs = crossTerms(c, d, permutation)
          expect(hsicBiased(theirs) / hsicBiased(ours)).toBeCloseTo(1, 9)
          expect(theirs.diagonal / ours.diagonal).toBeCloseTo(1, 9)
        }
        const moved = hsicTermsOfGram(gram(selectDense(y, order)), n)
        expect(hsicBiased(crossTerms(a, b, order)) / hsicBiased(crossTerms(a, moved))).toBeCloseTo(1, 9)
      }),
      { numRuns: 20 }
    )
  })
})

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

const multiply = (a: Float64Array, b: Float64Array, n: number): Float64Array => {
  const c = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let p = 0; p < n; p++) for (let j = 0; j < n; j++) c[i * n + j] += a[i * n + p] * b[p * n + j]
  return c
}

describe("ordered lists", () => {
  it("bit-parallel edit distance and subsequence equal dynamic programming on 10,000 pairs of lists", () => {
    const random = makeRandom("lists", "lists")
    let pairs = 0
    while (pairs < 10_000) {
      // Lists of k out of n symbols, n a little above k, so that they share many; lengths on both sides of 32, 64 and 128.
      const k = 1 + random.integer(pairs < 8000 ? 70 : 140)
      const n = k + 1 + random.integer(k + 2)
      const draw = () => Array.from({ length: n }, () => Array.from(random.sample(n, k)))
      const [x, y] = [draw(), draw()]
      const total = (distance: (x: ReadonlyArray<number>, y: ReadonlyArray<number>) => number): number =>
        x.reduce((all, list, row) => all + distance(list, y[row]), 0)
      const [a, b] = [tableOf(x, n), tableOf(y, n)]
      expect(Math.round(editDistanceKnn(a, b, k) * n)).toBe(total(editDistanceTable))
      expect(Math.round(lcsKnn(a, b, k) * n)).toBe(total(subsequenceTable))
      pairs += n
    }
  })

  it("use the first k of longer lists", () => {
    const a = tableOf(
      [
        [1, 2, 3],
        [0, 2, 3],
        [3, 0, 1],
        [2, 1, 0]
      ],
      4
    )
    const b = tableOf(
      [
        [2, 1, 3],
        [0, 3, 2],
        [3, 1, 0],
        [0, 1, 2]
      ],
      4
    )
    expect(editDistanceKnn(a, b, 1)).toBe(0.5)
    expect(lcsKnn(a, b, 1)).toBe(0.5)
  })
})

const editDistanceTable = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  let row = Array.from({ length: y.length + 1 }, (_, j) => j)
  for (let i = 1; i <= x.length; i++) {
    const next = [i]
    for (let j = 1; j <= y.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (x[i - 1] === y[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[y.length]
}

const subsequenceTable = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  let row = Array.from({ length: y.length + 1 }, () => 0)
  for (let i = 1; i <= x.length; i++) {
    const next = [0]
    for (let j = 1; j <= y.length; j++) {
      next[j] = x[i - 1] === y[j - 1] ? row[j - 1] + 1 : Math.max(row[j], next[j - 1])
    }
    row = next
  }
  return row[y.length]
}

describe("neighbour search", () => {
  it("by blocks equals a full sort, ties to the lower row, whatever the block", () => {
    fc.assert(
      fc.property(small, fc.integer({ min: 1, max: 17 }), ({ seed, rows, dims }, block) => {
        // Few distinct small integers: many ties.
        const x = map(gaussian(seed, rows, Math.min(dims, 4)), (value) => Math.round(value))
        const k = Math.min(6, rows - 1)
        const expected = slowNeighbours(slowGram(x), rows, k)
        expect(lists(neighboursOf(x, k, "mask", block))).toEqual(expected)
        expect(lists(neighboursOfGram(gram(x), rows, k))).toEqual(expected)
      }),
      { numRuns: 60 }
    )
  })

  it("refuses k beyond n − 1", () => {
    expect(() => neighboursOf(gaussian("k", 5, 3), 5)).toThrow(RangeError)
  })

  it("renaming lists equals searching permuted rows", () => {
    const x = gaussian("permuted", 40, 8)
    const order = makeRandom("p", "p").permutation(40)
    expect(lists(permuteNeighbours(neighboursOf(x, 6), order))).toEqual(
      lists(neighboursOf(selectDense(x, order), 6))
    )
  })
})

describe("large views", () => {
  it("score the same by blocks and features as through whole Gram matrices", () => {
    const x = gaussian("large", 700, 90)
    const y = noisy(x, 1, "noise")
    expectClose(scores(x, y, { gramRows: 10 }), scores(x, y, { gramRows: 10_000 }), 1e-8)
  })

  it("score the same where there are more dimensions than rows", () => {
    const x = gaussian("wide", 60, 200)
    const y = noisy(x, 1, "noise")
    expectClose(scores(x, y, { gramRows: 10 }), scores(x, y, { gramRows: 10_000 }), 1e-8)
  })
})

const codes = (seed: string, rows: number, dims: number, active: number): CompressedRows => {
  const random = makeRandom(seed, "codes")
  const indices: Array<number> = []
  const values: Array<number> = []
  const indptr = [0]
  for (let i = 0; i < rows; i++) {
    const count = random.integer(active + 1)
    const columns = Array.from(random.sample(dims, count)).sort((x, y) => x - y)
    indices.push(...columns)
    columns.forEach(() => values.push(Math.abs(random.gaussian()) + 0.1))
    indptr.push(indices.length)
  }
  return {
    rows,
    dims,
    indptr: Float64Array.from(indptr),
    indices: Uint32Array.from(indices),
    values: Float64Array.from(values)
  }
}
const dense = ({ rows, dims, indptr, indices, values }: CompressedRows): DenseRows => {
  const data = new Float64Array(rows * dims)
  for (let i = 0; i < rows; i++)
    for (let p = indptr[i]; p < indptr[i + 1]; p++) data[i * dims + indices[p]] = values?.[p] ?? 1
  return { rows, dims, data }
}

describe("sparse views", () => {
  it("score as their dense form does, small and large, with and without values", () => {
    const x = codes("x", 90, 40, 8)
    const y = codes("y", 90, 30, 8)
    const { values: _, ...binary } = x
    for (const a of [x, binary]) {
      for (const gramRows of [10, 1000]) {
        expectClose(scores(a, y, { gramRows }), scores(dense(a), dense(y), { gramRows: 1000 }), 1e-7)
        expectClose(scores(a, dense(y), { gramRows }), scores(dense(a), dense(y), { gramRows: 1000 }), 1e-7)
        expectClose(scores(dense(y), a, { gramRows }), scores(dense(y), dense(a), { gramRows: 1000 }), 1e-7)
      }
    }
  })
})

describe("centring", () => {
  it("streamed equals one-shot, bit for bit, for chunks of 1, 7 and all rows", () => {
    fc.assert(
      fc.property(small, ({ seed, rows, dims }) => {
        const wide = gaussian(seed, rows, dims)
        const x = { ...wide, data: Float32Array.from(wide.data, (value) => value + 0.5) }
        const whole = centreRows(x)
        for (const chunk of [1, 7, rows]) {
          const mean = new MeanOfUnitRows(dims)
          const blocks: Array<DenseRows> = []
          for (let from = 0; from < rows; from += chunk) {
            const to = Math.min(from + chunk, rows)
            blocks.push({ rows: to - from, dims, data: x.data.subarray(from * dims, to * dims) })
          }
          for (const block of blocks) mean.add(block)
          const streamed = blocks.flatMap((block) => Array.from(centreBlock(block, mean.mean).data))
          expect(Float32Array.from(streamed)).toEqual(whole.data)
        }
      }),
      { numRuns: 20 }
    )
  })

  it("leaves rows of unit length; a row of zeros stays finite", () => {
    const x = matrix([
      [1, 2],
      [3, 4],
      [0, 0],
      [-1, 5]
    ])
    const { data } = centreRows(x)
    for (let i = 0; i < 4; i++) expect(Math.hypot(data[2 * i], data[2 * i + 1])).toBeCloseTo(1, 9)
  })
})
