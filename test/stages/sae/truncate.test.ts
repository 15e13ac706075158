import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { keptFeatures, truncateSae } from "../../../stages/sae/truncate.ts"
import { wholeSparse } from "../../support/readers.ts"
import { runStage } from "../../support/runStage.ts"

describe("sae/truncate", () => {
  it("keeps strictly between the bounds (N = 100, counts [0, 1, 9, 10, 50] keep [1, 2])", () => {
    assert.deepStrictEqual([...keptFeatures([0, 1, 9, 10, 50], 100, 1e-5, 0.1)], [1, 2])
  })

  it.effect("renumbers the features that stay, across blocks, and says which they were", () =>
    Effect.gen(function* () {
      // Feature 0 is in all 20 rows, feature 1 in none, feature 2 in row 3, feature 3 in rows 5 and 19.
      const lists = Array.from({ length: 20 }, (_, i) =>
        i === 3 ? [0, 2] : i === 5 || i === 19 ? [0, 3] : [0]
      )
      const indptr = [0]
      for (const list of lists) indptr.push(indptr.at(-1)! + list.length)
      const { codes, kept } = yield* runStage(truncateSae, {
        params: { highest: 0.5 },
        inputs: {
          codes: {
            keys: lists.map((_, i) => `row ${i}`),
            dims: 4,
            indptr: Float64Array.from(indptr),
            indices: Uint32Array.from(lists.flat()),
            values: Float32Array.from(lists.flat(), (feature) => feature + 1)
          }
        }
      })
      assert.deepStrictEqual(kept, [
        { feature: 2, kept: 0, rows: 1 },
        { feature: 3, kept: 1, rows: 2 }
      ])
      const rows = yield* wholeSparse(codes)
      assert.deepStrictEqual([...rows.indices], [0, 1, 1])
      assert.deepStrictEqual([...rows.values!], [3, 4, 4])
      assert.strictEqual(rows.keys.length, 20)
      assert.strictEqual(rows.indptr[20], 3)
    })
  )

  it.effect("refuses to keep nothing", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        runStage(truncateSae, {
          inputs: {
            codes: {
              keys: ["a"],
              dims: 1,
              indptr: Float64Array.of(0, 1),
              indices: Uint32Array.of(0),
              values: Float32Array.of(1)
            }
          }
        })
      )
      assert.include(String(error), "No feature is active in more than 0.00001")
    })
  )
})
