import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { centreRows } from "../../compute/alignment/centre.ts"
import { align } from "../../stages/align.ts"
import { centre } from "../../stages/centre.ts"
import { clamp } from "../../stages/clamp.ts"
import { join } from "../../stages/join.ts"
import { match } from "../../stages/match.ts"
import { restrict } from "../../stages/restrict.ts"
import { windows } from "../../stages/windows.ts"
import type { Matrix, SparseRows } from "../../schemas/Matrix.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { gaussian, noisy } from "../compute/alignment/support.ts"
import { wholeMatrix } from "../support/readers.ts"
import { runStage } from "../support/runStage.ts"

const words = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => `word ${i}`)

const view = (
  rows: { readonly dims: number; readonly data: Float32Array | Float64Array },
  keys: ReadonlyArray<string>
): Matrix => ({
  keys,
  dims: rows.dims,
  data: Float32Array.from(rows.data)
})

const signal = gaussian("signal", 90, 12)
const one = view(noisy(signal, 0.5, "one"), words(90))
const two = view(noisy(signal, 0.5, "two"), words(90))
const three = view(gaussian("three", 90, 5), words(90))

const codes = (seed: string, keys: ReadonlyArray<string>): SparseRows => {
  const random = makeRandom(seed, "codes")
  const rows = keys.map(() => Array.from(random.sample(20, 4)).sort((x, y) => x - y))
  return {
    keys,
    dims: 20,
    indptr: Float64Array.from({ length: keys.length + 1 }, (_, i) => 4 * i),
    indices: Uint32Array.from(rows.flat()),
    values: Float32Array.from(rows.flat(), () => 0.1 + random.uniform())
  }
}

const params = { k: 5, q: 3, subsampleSize: 40, subsamples: 3, permutations: 4, subsamplePermutations: 4 }

describe("alignment/centre", () => {
  it.effect("streams what centring the whole matrix gives", () =>
    Effect.gen(function* () {
      const { embeddings } = yield* runStage(centre, { inputs: { embeddings: one } })
      const found = yield* wholeMatrix(embeddings)
      expect(found.keys).toEqual(one.keys)
      expect(found.data).toEqual(centreRows({ rows: 90, dims: 12, data: one.data }).data)
    })
  )

  it.effect("names the row that is not finite", () =>
    Effect.gen(function* () {
      const bad = { ...one, data: one.data.slice() }
      bad.data[25] = Number.NaN
      const error = yield* Effect.flip(runStage(centre, { inputs: { embeddings: bad } }))
      expect(String(error)).toContain('The row "word 2" holds NaN in column 1')
    })
  )
})

describe("alignment/clamp", () => {
  it.effect("clamps to the mean of the rows' quantiles, then normalises", () =>
    Effect.gen(function* () {
      // Medians of |x| by row: 2 and 4, mean 3 (numpy.quantile's linear rule).
      const embeddings: Matrix = { keys: ["a", "b"], dims: 3, data: Float64Array.of(1, -2, 9, 4, -4, 4) }
      const found = yield* wholeMatrix(
        (yield* runStage(clamp, { params: { quantile: 0.5 }, inputs: { embeddings } })).embeddings
      )
      const expected = [1, -2, 3]
        .map((x) => x / Math.sqrt(14))
        .concat([3, -3, 3].map((x) => x / Math.sqrt(27)))
      expected.forEach((value, p) => expect(found.data[p]).toBeCloseTo(value, 12))
      expect(found.keys).toEqual(["a", "b"])
    })
  )
})

describe("alignment/join and alignment/restrict", () => {
  const corpus = ["zebra", ...words(90)].map((key) => ({ key, text: key }))
  const partial: Matrix = {
    keys: words(90).slice(10).reverse(),
    dims: 1,
    data: Float32Array.from({ length: 80 }, (_, i) => 89 - i)
  }

  it.effect("keep the common rows in the corpus's order", () =>
    Effect.gen(function* () {
      const joined = yield* runStage(join, { inputs: { corpus, views: { one, partial } } })
      expect(joined.corpus.map((row) => row.key)).toEqual(words(90).slice(10))
      const limited = yield* runStage(join, {
        params: { limit: 3 },
        inputs: { corpus, views: { one, partial } }
      })
      expect(limited.corpus.map((row) => row.key)).toEqual(["word 10", "word 11", "word 12"])
      const { embeddings } = yield* runStage(restrict, {
        inputs: { corpus: limited.corpus, embeddings: partial }
      })
      expect(yield* wholeMatrix(embeddings)).toEqual({
        keys: ["word 10", "word 11", "word 12"],
        dims: 1,
        data: Float32Array.of(10, 11, 12)
      })
    })
  )

  it.effect("say so where nothing is common, or a row is missing", () =>
    Effect.gen(function* () {
      const stranger: Matrix = { keys: ["x"], dims: 1, data: Float32Array.of(1) }
      const none = yield* Effect.flip(runStage(join, { inputs: { corpus, views: { one, stranger } } }))
      expect(String(none)).toMatch(
        /No key is in all views.*one has 90 rows from "word 0" on; stranger has 1 rows from "x" on/
      )
      const missing = yield* Effect.flip(runStage(restrict, { inputs: { corpus, embeddings: partial } }))
      expect(String(missing)).toMatch(/lacks 11 of the corpus's 91 rows, "zebra" first/)
    })
  )
})

describe("alignment/align", () => {
  it.effect("scores every pair, metric and subsample of every setting", () =>
    Effect.gen(function* () {
      const { scores } = yield* runStage(align, {
        params,
        inputs: {
          raw: { one, two, three },
          centred: { one, two },
          sparse: { s: codes("s", words(90)), t: codes("t", words(90)) }
        }
      })
      // 3 pairs raw, 1 centred, 1 sparse, 1 sparse of unit rows; 8 metrics; all rows and 3 subsamples.
      expect(scores.length).toBe(6 * 8 * 4)
      expect([...new Set(scores.map((score) => score.setting))]).toEqual([
        "raw",
        "centred",
        "sparse",
        "sparse-unit"
      ])
      expect([...new Set(scores.map((score) => score.subsample))]).toEqual(["all", "0a", "0b", "1a"])
      const all = scores.filter(
        (score) => score.subsample === "all" && score.metric === "mutual_knn" && score.setting === "raw"
      )
      expect(all.map((score) => `${score.a} ${score.b}`)).toEqual(["one two", "one three", "two three"])
      expect(all[0].n).toBe(90)
      expect(all[0].chance).toBeCloseTo(5 / 89, 12)
      expect(all[0].value).toBeGreaterThan(all[1].value ?? 1)
      // Four permutations cannot reach .05.
      expect(all[0].nullP).toBeNull()
      expect(all[0].note).toContain("p is not given: 4 permutations cannot reach .05")
      expect(all[0].nullPermutations).toBe(4)
      expect([all[0].tiesA, all[0].tiesB]).toEqual([0, 0])
      for (const score of scores) if (score.value !== null) expect(score.chance, score.metric).not.toBeNull()
      expect(scores.find((score) => score.subsample === "1a")?.n).toBe(40)
    })
  )

  it.effect("draws the same subsamples for every pair and setting, and the same numbers every time", () =>
    Effect.gen(function* () {
      const inputs = { raw: { one, two, copy: two }, centred: { one, two }, sparse: {} }
      const first = yield* runStage(align, { params, inputs })
      const again = yield* runStage(align, { params, inputs })
      expect(again).toEqual(first)
      const value = (setting: string, b: string) =>
        first.scores
          .filter((score) => score.setting === setting && score.a === "one" && score.b === b)
          .map((score) => score.value)
      // Equal views under another name or in another setting score alike on every subsample only if the rows are the same.
      expect(value("raw", "copy")).toEqual(value("raw", "two"))
      expect(value("centred", "two")).toEqual(value("raw", "two"))
      const other = yield* runStage(align, { params, inputs, seed: "1".repeat(32) })
      expect(other.scores).not.toEqual(first.scores)
    })
  )

  it.effect(
    "does not depend on the order of a view's rows, and gives subsamples the same values without all rows",
    () =>
      Effect.gen(function* () {
        const order = makeRandom("rows", "order").permutation(90)
        const mixed: Matrix = {
          keys: Array.from(order, (i) => two.keys[i]),
          dims: 12,
          data: Float32Array.from(
            Array.from(order).flatMap((i) => Array.from(two.data.subarray(12 * i, 12 * i + 12)))
          )
        }
        const straight = yield* runStage(align, {
          params,
          inputs: { raw: { one, two }, centred: {}, sparse: {} }
        })
        const shuffled = yield* runStage(align, {
          params,
          inputs: { raw: { one, two: mixed }, centred: {}, sparse: {} }
        })
        expect(shuffled).toEqual(straight)
        const parts = yield* runStage(align, {
          params: { ...params, all: false },
          inputs: { raw: { one, two }, centred: {}, sparse: {} }
        })
        expect(parts.scores).toEqual(straight.scores.filter((score) => score.subsample !== "all"))
      })
  )

  it.effect("refuses what it cannot score", () =>
    Effect.gen(function* () {
      const fails = (given: { readonly params?: object; readonly raw?: object }) =>
        Effect.map(
          Effect.flip(
            runStage(align, {
              params: { ...params, ...given.params },
              inputs: {
                raw: (given.raw ?? { one, two }) as { [name: string]: Matrix },
                centred: {},
                sparse: {}
              }
            })
          ),
          String
        )
      expect(yield* fails({ raw: { one } })).toContain("No setting has two views")
      expect(yield* fails({ params: { k: 40 } })).toContain("k is 40, but a subsample has only 40 rows")
      expect(yield* fails({ params: { metrics: ["knn"] } })).toContain('"knn" is not a metric')
      expect(yield* fails({ params: { all: false, subsamples: 0 } })).toContain("nothing to score")
    })
  )
})

describe("alignment/match", () => {
  it.effect("matches codes of the same things far above permuted rows, and codes of other things not", () =>
    Effect.gen(function* () {
      const same = codes("s", words(90))
      // Feature f under the name 19 − f; columns stay in rising order.
      const renamed = {
        ...same,
        indices: same.indices.map((_, p) => 19 - same.indices[4 * (p >> 2) + 3 - (p % 4)])
      }
      const { matches } = yield* runStage(match, {
        inputs: { codes: { same, renamed, other: codes("t", words(90)) } }
      })
      expect(matches.map((row) => `${row.a} ${row.b} ${row.values}`)).toEqual([
        "same renamed weighted",
        "same renamed binary",
        "same other weighted",
        "same other binary",
        "renamed other weighted",
        "renamed other binary"
      ])
      expect(matches[1].correlation).toBeCloseTo(1, 9)
      expect(matches[1].ratio).toBeGreaterThan(2)
      expect(matches[3].ratio).toBeLessThan(1.3)
      for (const row of matches) {
        expect(row.n).toBe(90)
        expect(row.bound).toBeGreaterThanOrEqual(row.correlation ?? 2)
        expect(row.permutations).toBe(2)
      }
      const error = yield* Effect.flip(runStage(match, { inputs: { codes: { same } } }))
      expect(String(error)).toContain("There is one code")
    })
  )
})

describe("alignment/windows", () => {
  it.effect("finds noise that grows as words get rarer", () =>
    Effect.gen(function* () {
      const count = 1200
      const keys = words(count)
      const frequencies = keys.map((key, i) => ({ key, count: 1e6 / (i + 10), frequency: 1 / (i + 10) }))
      const clean = gaussian("words", count, 16)
      const observed = (seed: string): Matrix => {
        const noise = gaussian(seed, count, 16)
        return view(
          {
            dims: 16,
            data: Float64Array.from(
              clean.data,
              (x, p) => x + 0.04 * Math.sqrt(Math.floor(p / 16) + 10) * noise.data[p]
            )
          },
          keys
        )
      }
      const shuffled = makeRandom("windows", "frequencies")
      const table = [...frequencies]
      shuffled.shuffle(table)
      const result = yield* runStage(windows, {
        params: { metrics: ["mutual_knn", "edit_distance_knn"], windows: 8, size: 300, stride: 150 },
        inputs: { frequencies: table, views: { a: observed("a"), b: observed("b") } }
      })
      expect(result.windows.length).toBe(2 * 7)
      expect(result.windows[1].firstRank).toBe(150)
      expect(result.windows[1].lastRank).toBe(449)
      expect(result.windows[0].x).toBeLessThan(result.windows[6].x)
      const [knn, edit] = result.fits
      expect(knn.slope).toBeLessThan(0)
      expect(knn.noisier).toBe(true)
      expect(knn.rSquared).toBeGreaterThan(0.8)
      expect(edit.slope).toBeGreaterThan(0)
      expect(edit.noisier).toBe(true)
      const [whole, ...bands] = result.overlap
      expect(whole.rho).toBeGreaterThan(0.1)
      expect(whole.rhoP).toBeLessThan(0.01)
      expect(bands.map((band) => band.words)).toEqual([240, 240, 240, 240, 240])
      expect(bands[0].overlap).toBeGreaterThan(bands[4].overlap)
      expect(bands.reduce((sum, band) => sum + band.overlap, 0) / 5).toBeCloseTo(whole.overlap, 9)
    })
  )

  it.effect("refuses a vocabulary that fills no window", () =>
    Effect.gen(function* () {
      const frequencies = words(90).map((key, i) => ({ key, count: 90 - i, frequency: (90 - i) / 5000 }))
      const error = yield* Effect.flip(runStage(windows, { inputs: { frequencies, views: { one, two } } }))
      expect(String(error)).toContain("90 common words do not fill one window of 500")
      const run = (params: object) =>
        runStage(windows, {
          params: { metrics: ["mutual_knn"], k: 3, ...params },
          inputs: { frequencies, views: { one, two } }
        })
      // What is asked for is refused where it cannot be, also beside a stride that is left open.
      for (const params of [{ size: 91 }, { size: 100_000, stride: null }, { size: null, stride: 50 }]) {
        expect(String(yield* Effect.flip(run(params)))).toContain("90 common words do not fill one window")
      }
      // Nothing asked for: as many windows, a tenth as wide where a tenth of the words is there.
      const fitting = yield* run({ size: null, stride: null })
      expect(fitting.windows.length).toBe(10)
      expect(fitting.windows[1]!.firstRank).toBe(8)
      expect(fitting.windows[1]!.lastRank).toBe(8 + 16 - 1)
      const halves = yield* run({ size: 20, stride: null, windows: 3 })
      expect(halves.windows.map(({ firstRank }) => firstRank)).toEqual([0, 10, 20])
      expect(halves.fits[0]!.slope).not.toBeNull()
    })
  )

  it.effect("fits no line through two windows", () =>
    Effect.gen(function* () {
      const frequencies = words(90).map((key, i) => ({ key, count: 90 - i, frequency: (90 - i) / 5000 }))
      const { fits } = yield* runStage(windows, {
        params: { metrics: ["mutual_knn"], k: 3, size: 80, stride: 10, windows: 5 },
        inputs: { frequencies, views: { one, two } }
      })
      expect(fits[0]).toMatchObject({ windows: 2, slope: null, rSquared: null })
    })
  )
})
