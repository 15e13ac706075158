import { describe, expect, it } from "vitest"
import { unrelatedView } from "../../../bench/alignment/unrelated.ts"
import type { UnrelatedKind } from "../../../bench/alignment/unrelated.ts"
import { centreRows } from "../../../compute/alignment/centre.ts"
import { notesOf } from "../../../compute/alignment/notes.ts"
import { neighboursOf, permuteNeighbours } from "../../../compute/alignment/neighbours.ts"
import { allMetrics, parseMetrics } from "../../../compute/alignment/metrics.ts"
import {
  countedOverlap,
  cycleKnn,
  cycleKnnByChance,
  mutualKnn,
  overlapByRow
} from "../../../compute/alignment/overlap.ts"
import { selectDense } from "../../../compute/alignment/rows.ts"
import type { CompressedRows, DenseRows, Rows } from "../../../compute/alignment/rows.ts"
import {
  chanceOfPair,
  favouredOfPair,
  nullsOf,
  scorePair,
  tiesOfPair
} from "../../../compute/alignment/scores.ts"
import { breakTies, tiedShare } from "../../../compute/alignment/ties.ts"
import { needsOf, prepareView } from "../../../compute/alignment/views.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { gaussian, map, matrix, noisy, slowGram } from "./support.ts"

const view = (kind: UnrelatedKind, seed: string, rows: number, dims: number): DenseRows => ({
  rows,
  dims,
  data: unrelatedView(kind, { rows, dims }, makeRandom(seed, kind))
})

const sparse = ({ rows, dims, data }: DenseRows): CompressedRows => {
  const indptr = new Float64Array(rows + 1)
  const indices: Array<number> = []
  const values: Array<number> = []
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < dims; j++) {
      if (data[i * dims + j] === 0) continue
      indices.push(j)
      values.push(data[i * dims + j])
    }
    indptr[i + 1] = indices.length
  }
  return { rows, dims, indptr, indices: Uint32Array.from(indices), values: Float64Array.from(values) }
}

/** n × n weights of the rows in one another's lists of k, from the definition: exact arithmetic of small whole numbers. */
const weights = (x: DenseRows, k: number): Array<Array<number>> => {
  const gram = slowGram(x)
  return Array.from({ length: x.rows }, (_, i) => {
    const row = Array.from({ length: x.rows }, (_, j) => gram[i * x.rows + j])
    const others = row.filter((_, j) => j !== i).sort((p, q) => q - p)
    const last = others[k - 1]
    const above = others.filter((s) => s > last).length
    const tied = others.filter((s) => s === last).length
    return row.map((s, j) => (j === i || s < last ? 0 : s > last ? 1 : (k - above) / tied))
  })
}

const kinds: ReadonlyArray<UnrelatedKind> = ["one-hot", "binary", "likert", "codes", "copies"]

describe("tied neighbours", () => {
  it("are shared out: mutual kNN is Σ_j w^A_ij w^B_ij / k, at every k, of dense and sparse rows, in any order", () => {
    for (const kind of kinds) {
      const [a, b] = [view(kind, "a", 40, 30), view(kind, "b", 40, 30)]
      // The kinds with values that float64 does not add exactly are rounded to eighths.
      const [x, y] = [a, b].map((rows) => map(rows, (value) => Math.round(8 * value) / 8))
      const order = makeRandom("order", kind).permutation(40)
      const lists = (rows: Rows) => neighboursOf(rows, 12, "mask", 7)
      for (const k of [1, 5, 12]) {
        const [wa, wb] = [weights(x, k), weights(selectDense(y, order), k)]
        const expected = wa.map((row, i) => row.reduce((sum, w, j) => sum + w * wb[i][j], 0) / k)
        for (const [one, other] of [
          [lists(x), lists(y)],
          [lists(sparse(x)), lists(sparse(y))]
        ]) {
          overlapByRow(one, other, k, order).forEach((value, i) =>
            expect(value, `${kind}, k = ${k}, row ${i}`).toBeCloseTo(expected[i], 12)
          )
        }
      }
    }
  })

  it("broken at random, agree with that on average, and with the chance of cycle kNN over permutations", () => {
    for (const kind of kinds) {
      const n = 30
      const [a, b] = [neighboursOf(view(kind, "a", n, 20), 6), neighboursOf(view(kind, "b", n, 20), 6)]
      const random = makeRandom("broken", kind)
      const shared = mutualKnn(a, b, 4)
      const draws = 4000
      let overlap = 0
      let square = 0
      let cycle = 0
      for (let draw = 0; draw < draws; draw++) {
        const [x, y] = [breakTies(a, random), breakTies(b, random)]
        const value = countedOverlap(x, y, 4)
        overlap += value / draws
        square += (value * value) / draws
        cycle += cycleKnn(x, permuteNeighbours(y, random.permutation(n)), 4) / draws
        if (draw > 0) continue
        // A list has no row twice and not the row itself.
        for (let i = 0; i < n; i++) {
          const list = [...x.index.subarray(i * 6, (i + 1) * 6)]
          expect(new Set([...list, i]).size).toBe(7)
        }
      }
      const error = Math.sqrt((square - overlap * overlap) / draws)
      expect(Math.abs(overlap - shared), kind).toBeLessThan(4 * error + 1e-12)
      expect(Math.abs(cycle - cycleKnnByChance(a, 4)), kind).toBeLessThan(0.006)
    }
  })

  it("are found where rounding hides them: unit rows of whole numbers in float64 and float32, equal rows, one column", () => {
    const unit = (x: DenseRows): DenseRows =>
      map(x, (value, i) => value / Math.hypot(...x.data.subarray(i * x.dims, (i + 1) * x.dims)))
    // Rows that are orders of one another: their products with any row of equal entries are equal.
    const orders = matrix(
      Array.from({ length: 24 }, (_, i) =>
        i === 0
          ? [1, 1, 1, 1, 1, 1]
          : Array.from(makeRandom("orders", String(i)).permutation(6), (x) => x + 1)
      )
    )
    const x = unit(orders)
    const single = { ...x, data: Float32Array.from(x.data) }
    for (const rows of [x, single]) {
      const { ties } = neighboursOf(rows, 5)
      expect(ties?.beyond[0]).toBe(18)
    }
    const column = centreRows(gaussian("column", 30, 1))
    expect([...new Set(column.data)].sort()).toEqual([-1, 1])
    expect(tiedShare(neighboursOf(column, 5), 5)).toBe(1)
  })

  it("are no ties where float32 data are merely close", () => {
    const x = gaussian("close", 400, 3)
    expect(
      neighboursOf({ ...x, data: Float32Array.from(x.data) }, 10).ties?.joined.some((j) => j === 1)
    ).not.toBe(true)
  })
})

describe("a view whose similarities are all equal", () => {
  const names = [...allMetrics, "cknna_biased"]
  const specs = parseMetrics(names, { k: 5, q: 1 })
  const x = gaussian("varied", 30, 4)
  const scores = (a: Rows, b: Rows, gramRows: number) => {
    const prepare = (rows: Rows) => prepareView(rows, needsOf(specs), { convention: "exact", gramRows })
    const [one, other] = [prepare(a), prepare(b)]
    return {
      values: [...scorePair(one, other, specs, "exact")],
      chance: chanceOfPair(one, other, specs, "exact")
    }
  }

  it("has no value in any metric, nor a chance level, raw or centred, and rounding does not give it one", () => {
    const flat = map(x, (_, __, column) => column - 0.1)
    const nearly = map(flat, (value, row) => value * (1 + (row % 3) * 2 ** -52))
    const zeros = map(x, () => 0)
    for (const constant of [flat, nearly, zeros, centreRows(flat), centreRows(nearly), centreRows(zeros)]) {
      for (const gramRows of [10, 1000]) {
        for (const found of [
          scores(constant, x, gramRows),
          scores(x, constant, gramRows),
          scores(constant, constant, gramRows)
        ]) {
          expect(found.values.every(Number.isNaN), String(found.values)).toBe(true)
          names.forEach((name, m) => {
            if (name !== "unbiased_cka") expect(found.chance[m], name).toBeNull()
          })
        }
      }
    }
  })

  it("keeps the published codes' numbers where they are asked for", () => {
    const flat = map(x, () => 1)
    const [knn] = parseMetrics(["mutual_knn"], { k: 5, q: 1 })
    const prepared = prepareView(flat, needsOf([knn]), { convention: "prh" })
    expect([...scorePair(prepared, prepared, [knn], "prh")]).toEqual([1])
  })
})

describe("values of extreme scale", () => {
  const specs = parseMetrics([...allMetrics, "cknna_biased"], { k: 6, q: 4 })
  const x = gaussian("scale", 60, 8)
  const y = noisy(x, 1, "noise")
  const scores = (rows: Rows, gramRows: number) => {
    const prepare = (given: Rows) => prepareView(given, needsOf(specs), { convention: "exact", gramRows })
    return scorePair(prepare(rows), prepare(y), specs, "exact")
  }
  const expectSame = (found: Float64Array, expected: Float64Array) =>
    specs.forEach((spec, m) => expect(found[m], spec.name).toBeCloseTo(expected[m], 8))

  it("are measured as at scale 1", () => {
    for (const gramRows of [10, 1000]) {
      const expected = scores(x, gramRows)
      for (const scale of [1e150, 1e-150, 1e300, 1e-300]) {
        expectSame(
          scores(
            map(x, (value) => value * scale),
            gramRows
          ),
          expected
        )
      }
      for (const scale of [1e30, 1e-30]) {
        const single = { ...x, data: Float32Array.from(x.data, (value) => value * scale) }
        const one = { ...x, data: Float32Array.from(x.data) }
        expectSame(scores(single, gramRows), scores(one, gramRows))
      }
    }
  })

  it("and rows of extreme scale among others keep their directions when centred, and their neighbours", () => {
    const wild = map(x, (value, row) => value * 10 ** (((row * 37) % 600) - 300))
    const centred = centreRows(x)
    centreRows(wild).data.forEach((value, p) => expect(value).toBeCloseTo(centred.data[p], 12))
    const tiny = map(x, (value, row) => (row % 2 === 0 ? value * 1e-200 : value))
    const small = map(x, (value, row) => (row % 2 === 0 ? value * 1e-20 : value))
    expectSame(scores(tiny, 1000), scores(small, 1000))
    const loud = (by: number) => map(x, (value, row) => (row === 3 ? value * by : value))
    const lists = (rows: DenseRows) =>
      prepareView(rows, { k: 6, q: 0, hsic: false }, { convention: "exact" }).neighbours?.index
    expect(lists(loud(1e300))).toEqual(lists(loud(1e10)))
  })
})

describe("published conventions", () => {
  it("say in words that ties favour them, and have no null where ties are many", () => {
    const [a, b] = [view("one-hot", "a", 40, 5), view("one-hot", "b", 40, 5)]
    const specs = parseMetrics(["mutual_knn", "lcs_knn", "cka"], { k: 5, q: 1 })
    for (const convention of ["prh", "l2prh"] as const) {
      const [one, other] = [a, b].map((rows) => prepareView(rows, needsOf(specs), { convention }))
      const values = scorePair(one, other, specs, convention)
      const permuted = Array.from({ length: 19 }, () => values)
      const nulls = nullsOf(
        specs,
        convention,
        values,
        permuted,
        favouredOfPair(one, other, specs, convention)
      )
      expect(nulls.map((found) => found === null)).toEqual([true, true, false])
      expect(chanceOfPair(one, other, specs, convention).slice(0, 2)).toEqual([null, null])
      const notes = notesOf(specs[0], convention, tiesOfPair(one, other, specs[0]), undefined, 19)
      expect(notes.join(" ")).toMatch(/lower row in both views, which favours agreement.*no null/)
    }
  })

  it("l2prh: CKNNA is that of arXiv 2405.07987, whose authors' code has one, with the row masked out", () => {
    const x = gaussian("cknna", 80, 5)
    const y = noisy(x, 1, "noise")
    for (const name of ["cknna", "cknna_biased"]) {
      const specs = parseMetrics(["mutual_knn@9", name], { k: 6, q: 1 })
      const score = (convention: "exact" | "l2prh") => {
        const [one, other] = [x, y].map((rows) => prepareView(rows, needsOf(specs), { convention }))
        return scorePair(one, other, specs, convention)
      }
      expect(score("l2prh")[1]).toBe(score("exact")[1])
      expect(score("l2prh")[0]).not.toBe(score("exact")[0])
    }
  })
})
