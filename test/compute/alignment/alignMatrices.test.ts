import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { alignMatrices } from "../../../compute/alignment/alignMatrices.ts"
import type { NamedMatrix } from "../../../compute/alignment/alignMatrices.ts"
import { allMetrics } from "../../../compute/alignment/metrics.ts"
import { selectDense } from "../../../compute/alignment/rows.ts"
import type { DenseRows } from "../../../compute/alignment/rows.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { G2, gaussian, noisy } from "./support.ts"

const named = (name: string, rows: DenseRows, keys?: ReadonlyArray<string>): NamedMatrix => ({
  name,
  keys: keys ?? Array.from({ length: rows.rows }, (_, i) => String(i)),
  keyed: keys !== undefined,
  dims: rows.dims,
  data: rows.data
})

const values = (alignment: {
  readonly metrics: ReadonlyArray<{ readonly name: string; readonly value: number | null }>
}) => Object.fromEntries(alignment.metrics.map((metric) => [metric.name, metric.value]))

describe("alignMatrices", () => {
  it.effect("reproduces the worked example with --centre and --k 3", () =>
    Effect.gen(function* () {
      const aligned = yield* alignMatrices(named("a", G2.a), named("b", G2.b), { k: 3, q: 2, centre: true })
      expect(aligned.joinedBy).toBe("row")
      expect(aligned.n).toBe(8)
      const found = values(aligned)
      expect(found.mutual_knn).toBeCloseTo(0.583333, 5)
      expect(found.edit_distance_knn).toBe(2.5)
      expect(found.cka).toBeCloseTo(0.49736166, 6)
      expect(found.unbiased_cka).toBeCloseTo(0.24964183, 6)
      expect(found.cknna).toBeCloseTo(0.28873037, 6)
      expect(found.svcca).toBeCloseTo(0.51157024, 6)
      expect(aligned.metrics.map((metric) => metric.name)).toEqual(allMetrics)
    })
  )

  it.effect("joins by key whatever the order, and by the common keys alone", () =>
    Effect.gen(function* () {
      const x = gaussian("join", 60, 8)
      const y = noisy(x, 1, "noise")
      const keys = Array.from({ length: 60 }, (_, i) => `word ${i}`)
      const order = makeRandom("join", "order").permutation(60)
      const straight = yield* alignMatrices(named("x", x, keys), named("y", y, keys))
      const mixed = yield* alignMatrices(
        named("x", x, keys),
        named(
          "y",
          selectDense(y, order),
          Array.from(order, (i) => keys[i])
        )
      )
      expect(mixed).toEqual(straight)
      const partial = yield* alignMatrices(
        named("x", x, keys),
        named(
          "y",
          selectDense(
            y,
            Uint32Array.from({ length: 40 }, (_, i) => i + 20)
          ),
          [...keys.slice(20, 59), "stranger"]
        )
      )
      expect(partial.joinedBy).toBe("key")
      expect(partial.n).toBe(39)
    })
  )

  it.effect("scores all common rows beside subsamples of them", () =>
    Effect.gen(function* () {
      const x = gaussian("all", 1600, 12)
      const y = noisy(x, 1, "noise")
      const aligned = yield* alignMatrices(named("x", x), named("y", y), {
        metrics: ["mutual_knn", "unbiased_cka"],
        permutations: 4,
        subsamples: 3
      })
      for (const metric of aligned.metrics) {
        expect(metric.n).toBe(1600)
        expect(metric.null?.permutations).toBe(4)
        expect(metric.subsamples?.count).toBe(3)
      }
      const [knn, cka] = aligned.metrics
      expect(knn.chance).toBeCloseTo(10 / 1599, 12)
      // Fewer candidates, easier agreement; unbiased CKA does not depend on n.
      expect(knn.subsamples?.mean).toBeGreaterThan(knn.value ?? 1)
      expect(Math.abs((cka.subsamples?.mean ?? 0) - (cka.value ?? 1))).toBeLessThan(0.05)
    })
  )

  it.effect("takes no more SVCCA dimensions than both views have, and says so", () =>
    Effect.gen(function* () {
      const aligned = yield* alignMatrices(named("a", G2.a), named("b", G2.b), { metrics: ["svcca"], k: 2 })
      expect(aligned.metrics[0].k).toBe(3)
      expect(aligned.metrics[0].definition).toContain("not the 10 asked for")
      const fixed = yield* alignMatrices(named("a", G2.a), named("b", G2.b), { metrics: ["svcca@5"], k: 2 })
      expect(fixed.metrics[0].value).toBeNull()
    })
  )

  const refused: ReadonlyArray<readonly [string, NamedMatrix, NamedMatrix, object, RegExp]> = [
    [
      "unequal rows without keys",
      named("a", gaussian("a", 20, 2)),
      named("b", gaussian("b", 21, 2)),
      {},
      /20 rows and b has 21/
    ],
    [
      "keys on one side only",
      named(
        "a",
        gaussian("a", 20, 2),
        Array.from({ length: 20 }, (_, i) => `k${i}`)
      ),
      named("b", gaussian("b", 20, 2)),
      {},
      /a has keys and b has none.*--keys/
    ],
    [
      "no common key",
      named("a", gaussian("a", 2, 2), ["cat", "dog"]),
      named("b", gaussian("b", 2, 2), ["Cat", "Dog"]),
      {},
      /No key is in both files: the first keys are "cat" and "Cat"/
    ],
    [
      "a repeated key",
      named("a", gaussian("a", 3, 2), ["x", "y", "x"]),
      named("b", gaussian("b", 3, 2), ["x", "y", "z"]),
      {},
      /"x" occurs more than once/
    ],
    [
      "NaN",
      named("a", { rows: 2, dims: 2, data: Float64Array.of(1, 2, 3, Number.NaN) }),
      named("b", gaussian("b", 2, 2)),
      {},
      /Row 1, column 1 holds NaN/
    ],
    [
      "k too large",
      named("a", gaussian("a", 8, 2)),
      named("b", gaussian("b", 8, 2)),
      {},
      /8 common rows.*use --k 7 or less/
    ],
    [
      "an unknown metric",
      named("a", gaussian("a", 8, 2)),
      named("b", gaussian("b", 8, 2)),
      { metrics: ["cosine"] },
      /"cosine" is not a metric/
    ],
    [
      "negative permutations",
      named("a", gaussian("a", 8, 2)),
      named("b", gaussian("b", 8, 2)),
      { permutations: -1 },
      /-1 permutations/
    ]
  ]
  for (const [what, a, b, options, message] of refused) {
    it.effect(`refuses ${what}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(alignMatrices(a, b, options))
        expect(error._tag).toBe("InputError")
        expect(error.message).toMatch(message)
      })
    )
  }
})
