/** The trained-model study: joining, many images to a class, the outlier share, refusals. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { measureTrained } from "../../../stages/constellation/measureTrained.ts"
import { syntheticPair } from "../../../stages/constellation/syntheticPair.ts"
import { runStage } from "../../support/runStage.ts"

const view = (rows: { readonly [key: string]: ReadonlyArray<number> }) => ({
  keys: Object.keys(rows),
  dims: Object.values(rows)[0].length,
  data: Float32Array.from(Object.values(rows).flat())
})
const valueOf = (
  measures: ReadonlyArray<{ readonly measure: string; readonly value: number | null }>,
  name: string
) => measures.find((row) => row.measure === name)!.value

describe("constellation/measure-trained", () => {
  it.effect("joins by key, scales rows, and leaves out what has no partner", () =>
    Effect.gen(function* () {
      const { measures } = yield* runStage(measureTrained, {
        params: { inverseTemperature: 2, bias: 0.5, outlierShare: 0 },
        inputs: {
          left: view({ a: [2, 0], b: [0.6, 0.8], lost: [1, 1] }),
          right: view({ b: [0, 3], extra: [5, 5], a: [1, 0] })
        }
      })
      expect(valueOf(measures, "pairs")).toBe(2)
      expect(valueOf(measures, "withoutPartner")).toBe(1)
      // Scores [[1, 0], [0.6, 0.8]].
      expect(valueOf(measures, "margin")).toBeCloseTo(0.1, 6)
      expect(valueOf(measures, "relativeBias")).toBeCloseTo(0.7, 6)
      expect(valueOf(measures, "trimmedMargin")).toBeCloseTo(0.1, 5)
      const z = [1.5, -0.5, 2 * 0.6 - 0.5, 2 * 0.8 - 0.5]
      const loss = [-z[0], z[1], z[2], -z[3]].reduce((sum, x) => sum + Math.log1p(Math.exp(x)), 0) / 4
      expect(valueOf(measures, "loss")).toBeCloseTo(loss, 6)
    })
  )

  it.effect("many images to a class: an outlier spoils the margin and not the trimmed one", () =>
    Effect.gen(function* () {
      const pair = yield* runStage(syntheticPair, {
        params: { images: 600, texts: 20, dims: 64, noise: 0.3 },
        inputs: {}
      })
      const clean = yield* runStage(measureTrained, {
        inputs: { left: pair.images, right: pair.texts, labels: pair.labels }
      })
      expect(valueOf(clean.measures, "pairs")).toBe(600)
      expect(valueOf(clean.measures, "texts")).toBe(20)
      expect(valueOf(clean.measures, "leftToRight")).toBe(1)
      expect(valueOf(clean.measures, "margin")).toBeGreaterThan(0.05)
      expect(valueOf(clean.measures, "separable")).toBe(1)
      expect(clean.histogram.reduce((sum, row) => sum + row.count, 0)).toBe(600 * 20)
      const mislabelled = pair.labels.map((row, at) => (at === 0 ? { ...row, label: "class 5" } : row))
      const spoilt = yield* runStage(measureTrained, {
        inputs: { left: pair.images, right: pair.texts, labels: mislabelled }
      })
      expect(valueOf(spoilt.measures, "margin")).toBeLessThan(0)
      expect(valueOf(spoilt.measures, "trimmedMargin")).toBeCloseTo(
        valueOf(clean.measures, "trimmedMargin")!,
        2
      )
    })
  )

  it.effect("refuses views in different spaces, without common keys, and rows without direction", () =>
    Effect.gen(function* () {
      const left = view({ a: [1, 0], b: [0, 1] })
      const refusal = Effect.fnUntraced(function* (right: ReturnType<typeof view>) {
        const exit = yield* Effect.exit(runStage(measureTrained, { inputs: { left, right } }))
        return Exit.isFailure(exit) ? String(exit.cause) : "no failure"
      })
      expect(yield* refusal(view({ a: [1, 0, 0], b: [1, 0, 0] }))).toContain("2 and 3 dimensions")
      expect(yield* refusal(view({ c: [1, 0], d: [1, 0] }))).toContain("No row of 'left' has a partner")
      expect(yield* refusal(view({ a: [0, 0], b: [1, 0] }))).toContain("Row 'a' has no direction")
    })
  )
})
