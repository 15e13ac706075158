/**
 * A reduced `npm run bench:pvalues`: p of unrelated views is not smaller than uniform. Smirnov: with uniform p,
 * P(max (F(p) − p) > d) ≤ exp(−2 n d²). With 60 trials and the bound below a metric fails by chance once in 20,000; the tie
 * rule that gives equal similarities to the lower row of both views fails for every metric of neighbours.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { unrelatedKinds, unrelatedView } from "../../../bench/alignment/unrelated.ts"
import type { UnrelatedKind } from "../../../bench/alignment/unrelated.ts"
import { alignMatrices } from "../../../compute/alignment/alignMatrices.ts"
import { firstEqualRows, itemPermutationsOf, itemsOf } from "../../../compute/alignment/repeats.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { gaussian } from "./support.ts"

const trials = 60
const bound = Math.sqrt(Math.log(20_000) / (2 * trials))

const align = (kind: UnrelatedKind, trial: number) => {
  const shape = {
    rows: 48,
    dims: kind === "codes" ? 128 : kind === "one column" ? 1 : kind === "sparse" ? 30 : 6
  }
  const named = (name: string) => ({
    name,
    keys: Array.from({ length: shape.rows }, (_, i) => String(i)),
    keyed: false,
    dims: shape.dims,
    data: unrelatedView(kind, shape, makeRandom(`${kind} ${trial}`, name))
  })
  return alignMatrices(named("a"), named("b"), {
    metrics: ["all", "cknna_biased"],
    k: 8,
    q: Math.min(4, shape.dims),
    permutations: 19,
    seed: String(trial),
    centre: trial % 2 === 1
  })
}

describe("p of unrelated views is uniform or larger, and values are at chance", () => {
  for (const kind of unrelatedKinds) {
    it.effect(kind, () =>
      Effect.gen(function* () {
        const p = new Map<string, Array<number>>()
        const excess = new Map<string, Array<number>>()
        for (let trial = 0; trial < trials; trial++) {
          for (const metric of (yield* align(kind, trial)).metrics) {
            if (metric.value === null) continue
            expect(metric.null?.p, metric.name).not.toBeNull()
            expect(metric.chance, metric.name).not.toBeNull()
            p.set(metric.name, [...(p.get(metric.name) ?? []), metric.null!.p!])
            excess.set(metric.name, [...(excess.get(metric.name) ?? []), metric.value - metric.chance!])
          }
        }
        expect(p.size).toBe(9)
        for (const [metric, found] of p) {
          found.sort((x, y) => x - y)
          const distance = Math.max(...found.map((x, i) => (i + 1) / found.length - x))
          expect(distance, metric).toBeLessThan(bound)
          const differences = excess.get(metric)!
          const mean = differences.reduce((sum, x) => sum + x, 0) / differences.length
          const square = differences.reduce((sum, x) => sum + (x - mean) ** 2, 0)
          const error = Math.sqrt(square / (differences.length - 1) / differences.length)
          expect(Math.abs(mean), metric).toBeLessThan(4.5 * error + 1e-12)
        }
      })
    )
  }
})

describe("repeated items", () => {
  it("are rows that are equal in both views wherever they are in one, a few each", () => {
    const distinct = gaussian("items", 15, 3)
    const other = gaussian("other items", 15, 2)
    const four = (x: typeof distinct) => ({
      rows: 60,
      dims: x.dims,
      data: Float64Array.from({ length: 60 * x.dims }, (_, p) => x.data[p % x.data.length])
    })
    const equal = (x: typeof distinct) => firstEqualRows(x, new Float64Array(x.rows))
    const a = equal(four(distinct))
    const items = itemsOf(a, equal(four(other)))
    expect(items?.length).toBe(15)
    expect(items?.[3]).toEqual([3, 18, 33, 48])
    // Alone in one view, or with too few items (labels), rows are permuted one by one.
    expect(itemsOf(a, equal(gaussian("no repeats", 60, 3)))).toBeUndefined()
    const labels = { rows: 60, dims: 1, data: Float64Array.from({ length: 60 }, (_, i) => i % 4) }
    expect(itemsOf(equal(labels), equal(labels))).toBeUndefined()
    for (const order of itemPermutationsOf("seed", "all", items!, 5)) {
      expect([...order].sort((x, y) => x - y)).toEqual(Array.from({ length: 60 }, (_, i) => i))
      for (const [first, ...rest] of items!)
        for (const row of rest) expect(order[row] % 15).toBe(order[first] % 15)
    }
  })
})
