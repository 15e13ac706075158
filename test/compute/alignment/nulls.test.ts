import { describe, expect, it } from "vitest"
import { allMetrics, parseMetrics } from "../../../compute/alignment/metrics.ts"
import { selectDense } from "../../../compute/alignment/rows.ts"
import { chanceOfPair, nullsOf, scorePair } from "../../../compute/alignment/scores.ts"
import { permutationsOf, subsampleRows } from "../../../compute/alignment/subsamples.ts"
import { needsOf, prepareView } from "../../../compute/alignment/views.ts"
import type { PreparedView } from "../../../compute/alignment/views.ts"
import { gaussian, noisy } from "./support.ts"

const specs = parseMetrics([...allMetrics, "cknna_biased"], { k: 6, q: 4 })
const prepare = (rows: Parameters<typeof prepareView>[0]) =>
  prepareView(rows, needsOf(specs), { convention: "exact" })

const named = (n: number): ReadonlyArray<string> => Array.from({ length: n }, (_, i) => `row ${i}`)

describe("the permutation null", () => {
  const n = 120
  const x = gaussian("null", n, 20)
  const a = prepare(x)
  const orders = permutationsOf("seed", "all", n, 60)

  const nulls = (one: PreparedView, other: PreparedView) =>
    nullsOf(
      specs,
      "exact",
      scorePair(one, other, specs, "exact"),
      orders.map((order, p) => scorePair(one, other, specs, "exact", order, `permutation ${p}`))
    )

  it("is what scoring permuted rows gives", () => {
    const y = noisy(x, 1, "noise")
    const b = prepare(y)
    for (const order of orders.slice(0, 5)) {
      const cheap = scorePair(a, b, specs, "exact", order)
      const plain = scorePair(a, prepare(selectDense(y, order)), specs, "exact")
      specs.forEach((spec, m) => expect(cheap[m], spec.name).toBeCloseTo(plain[m], 7))
    }
  })

  it("lies around the chance level, where there is one", () => {
    const b = prepare(gaussian("unrelated", n, 30))
    const around = nulls(a, b)
    const chance = chanceOfPair(a, b, specs, "exact")
    const known = specs.flatMap((spec, m) => (chance[m] === null ? [] : [spec.name]))
    expect(known).toEqual(["mutual_knn", "cycle_knn", "cka", "unbiased_cka"])
    specs.forEach((spec, m) => {
      const level = chance[m]
      const found = around[m]
      expect(found, spec.name).not.toBeNull()
      if (level === null || found === null) return
      expect(Math.abs(found.mean - level), spec.name).toBeLessThan(
        (5 * found.sd) / Math.sqrt(orders.length) + 1e-12
      )
    })
  })

  it("gives the least p to views of the same things, and no small p to unrelated ones", () => {
    const related = prepare(noisy(x, 0.5, "noise"))
    const unrelated = prepare(gaussian("stranger", n, 20))
    const p = (b: typeof related) => nulls(a, b).map((found) => found?.p ?? Number.NaN)
    for (const value of p(related)) expect(value).toBeCloseTo(1 / 61, 12)
    const mean = p(unrelated).reduce((sum, value) => sum + value, 0) / specs.length
    expect(mean).toBeGreaterThan(0.1)
  })
})

describe("subsamples", () => {
  it("depend on seed, rows and number alone; rows rise and do not repeat", () => {
    const drawn = subsampleRows("seed", named(5000), 1000, 10)
    expect(subsampleRows("seed", named(5000), 1000, 3)).toEqual(drawn.slice(0, 3))
    expect(subsampleRows("other", named(5000), 1000, 1)[0]).not.toEqual(drawn[0])
    for (const rows of drawn) {
      expect(rows.length).toBe(1000)
      for (let i = 1; i < rows.length; i++) expect(rows[i]).toBeGreaterThan(rows[i - 1])
    }
  })

  it("hold nearly the same keys where a few keys are missing, and the same ones in any order", () => {
    const keys = named(2000)
    const fewer = keys.filter((_, i) => i % 50 !== 0)
    const [whole] = subsampleRows("seed", keys, 1000, 1)
    const [part] = subsampleRows("seed", fewer, 1000, 1)
    const held = new Set(Array.from(whole, (row) => keys[row]))
    expect(Array.from(part).filter((row) => held.has(fewer[row])).length).toBeGreaterThan(970)
    const backwards = keys.toReversed()
    const [turned] = subsampleRows("seed", backwards, 1000, 1)
    expect(new Set(Array.from(turned, (row) => backwards[row]))).toEqual(held)
  })

  it("come in pairs without a common row, and hold half of all rows at most", () => {
    for (const rows of [1000, 1999, 4437]) {
      const drawn = subsampleRows("seed", named(rows), 1000, 5)
      expect(drawn[0].length).toBe(Math.min(1000, Math.floor(rows / 2)))
      for (const [first, second] of [
        [0, 1],
        [2, 3]
      ]) {
        const both = new Set([...drawn[first], ...drawn[second]])
        expect(both.size).toBe(drawn[first].length + drawn[second].length)
      }
      expect(drawn[2]).not.toEqual(drawn[0])
    }
  })
})

describe("metric names", () => {
  const sizes = { k: 10, q: 10 }

  it("are read in any spelling, with sizes of their own", () => {
    expect(parseMetrics(["mutualKnn", "mutual-knn@100", "edit_knn", "svcca@3"], sizes)).toEqual([
      { name: "mutual_knn", size: 10 },
      { name: "mutual_knn", size: 100 },
      { name: "edit_distance_knn", size: 10 },
      { name: "svcca", size: 3 }
    ])
    expect(parseMetrics(["all"], sizes).length).toBe(8)
    expect(parseMetrics(["l2prh", "cka"], sizes).length).toBe(8)
  })

  it("are refused with the list of those there are", () => {
    expect(() => parseMetrics(["mutual"], sizes)).toThrow(
      /"mutual" is not a metric; there are all, l2prh, mutual_knn/
    )
    expect(() => parseMetrics(["cka@3"], sizes)).toThrow(/has no size/)
    expect(() => parseMetrics(["mutual_knn@0"], sizes)).toThrow(/whole number from 1/)
  })
})
