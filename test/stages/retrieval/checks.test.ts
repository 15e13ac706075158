/** What the retrieval study claims (arXiv 2605.23556, 2508.21038), as far as a short training can show it. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { State } from "../../../engine/services/Checkpoint.ts"
import { criticalRecipe } from "../../../pipelines/limit/criticalDocuments.ts"
import type { ValueOf } from "../../../schemas/Kind.ts"
import type { MarginScores } from "../../../schemas/MarginScores.ts"
import type { Matrix } from "../../../schemas/Matrix.ts"
import { completeRelevance } from "../../../stages/retrieval/complete.ts"
import { critical, publishedCriticalDocuments } from "../../../stages/retrieval/critical.ts"
import { infonce } from "../../../stages/retrieval/infonce.ts"
import { measure } from "../../../stages/retrieval/measure.ts"
import { randomRelevance } from "../../../stages/retrieval/random.ts"
import { sigmoid } from "../../../stages/retrieval/sigmoid.ts"
import { runStage } from "../../support/runStage.ts"

const graph = (documents: number, k = 2) =>
  runStage(completeRelevance, { params: { documents, k }, inputs: {} })
const onnx = { backend: "onnx", device: "cpu" } as const

const seriesOf = (curve: ReadonlyArray<{ series: string; y: number | null }>, name: string) =>
  curve.filter(({ series }) => series === name).map(({ y }) => y!)

const marginOf = (rows: ReadonlyArray<{ threshold: string; margin: number | null }>, name: string): number =>
  rows.find(({ threshold }) => threshold === name)!.margin!

describe("contrastive training far from the start", () => {
  for (const backend of ["onnx", "reference"] as const) {
    it.effect(`the loss is finite at t = 10,000 (${backend})`, () =>
      Effect.gen(function* () {
        const { curve } = yield* runStage(sigmoid, {
          params: { dims: 3, steps: 3, evaluateEvery: 1, temperature: 1e4, trainTemperature: false },
          inputs: yield* graph(6),
          backend: { backend, device: "cpu" }
        })
        const losses = seriesOf(curve, "loss")
        expect(losses.length).toBe(3)
        // Random embeddings are wrong about many pairs, each at a cost of about t: nothing is clipped.
        for (const loss of losses) expect(loss).toBeGreaterThan(1e4)
      }).pipe(Effect.scoped)
    )
  }
})

describe("the two losses at n = 20, k = 2", () => {
  it.effect("InfoNCE ranks every query right at d = 5 with a negative global margin, below sigmoid's", () =>
    Effect.gen(function* () {
      const inputs = yield* graph(20)
      const params = { dims: 5, steps: 4000, evaluateEvery: 500 } as const
      const ranked = yield* runStage(infonce, {
        params: { ...params, keep: "latest" },
        inputs,
        backend: onnx
      })
      const calibrated = yield* runStage(sigmoid, { params, inputs, backend: onnx })
      expect(ranked.margins[0].rankedRight).toBe(1)
      expect(marginOf(ranked.margins, "row")).toBeGreaterThan(0)
      expect(marginOf(ranked.margins, "global")).toBeLessThan(0)
      expect(marginOf(calibrated.margins, "global")).toBeGreaterThan(marginOf(ranked.margins, "global"))
    }).pipe(Effect.scoped)
  )
})

describe("critical n", () => {
  it.effect("InfoNCE at T = 0.1, d = 5: between 9 and 14", () =>
    Effect.gen(function* () {
      const found: { [name: string]: ValueOf<typeof MarginScores> } = {}
      for (const n of [7, 9, 15]) {
        const { margins } = yield* runStage(infonce, {
          params: { dims: 5, ...criticalRecipe },
          inputs: yield* graph(n),
          backend: onnx
        })
        found[`n${n}`] = margins
      }
      const recipe = { method: "infonce", ...criticalRecipe }
      const named = (margins: typeof found) =>
        Effect.map(runStage(critical, { params: { recipe }, inputs: { margins } }), ({ series }) => series)
      const series = yield* named(found)
      expect(series.map((point) => point.series)).toEqual(["critical n", "published fit"])
      expect(series[0]!.y).toBe(9)
      // One training of another recipe, or of a graph that is not complete: the fit is not comparable.
      for (const change of [
        { recipe: JSON.stringify({ ...recipe, steps: 10 }) },
        { recipe: null },
        { rows: 5 }
      ]) {
        const [first, ...rest] = Object.entries(found)
        const changed = Object.fromEntries([
          [first![0], first![1].map((row) => ({ ...row, ...change }))],
          ...rest
        ])
        expect((yield* named(changed)).at(-1)!.series).toBe("published fit, another recipe")
      }
    }).pipe(Effect.scoped)
  )

  it("the published fit at the dimensions the paper tabulates", () => {
    // Weller et al.: d = 4 6.7, 5 11.4, 10 38.7, 15 74.1, 20 120.5, 30 257.
    for (const [d, n] of [
      [4, 6.7],
      [5, 11.4],
      [10, 38.7],
      [15, 74.1],
      [20, 120.5],
      [30, 257]
    ]) {
      expect(Math.abs(publishedCriticalDocuments(d) / n - 1)).toBeLessThan(0.01)
    }
  })
})

describe("resume", () => {
  for (const [name, stage] of [
    ["sigmoid", sigmoid],
    ["infonce", infonce]
  ] as const) {
    it.effect(`${name} on onnx ends with the same bytes from every checkpoint`, () =>
      Effect.gen(function* () {
        const inputs = yield* graph(7)
        const params = { dims: 4, steps: 50, evaluateEvery: 7 } as const
        const saved: Array<Required<State>> = []
        const whole = yield* runStage(stage, { params, inputs, saved, backend: onnx })
        expect(saved.length).toBeGreaterThan(3)
        for (const resume of saved) {
          const resumed = yield* runStage(stage, { params, inputs, resume, backend: onnx })
          expect((resumed.queries as Matrix).data).toEqual((whole.queries as Matrix).data)
          expect((resumed.documents as Matrix).data).toEqual((whole.documents as Matrix).data)
          expect(resumed.curve).toEqual(whole.curve)
        }
      }).pipe(Effect.scoped)
    )
  }
})

describe("a matrix of LIMIT-small's law (1,000 pairs of 46 documents)", () => {
  it.effect("sigmoid, d = 30: recall@2 = 1 and a positive margin", () =>
    Effect.gen(function* () {
      const inputs = yield* runStage(randomRelevance, { params: {}, inputs: {} })
      const { documents, margins, queries } = yield* runStage(sigmoid, {
        params: { dims: 30, steps: 2500, evaluateEvery: 250, trainBias: true },
        inputs,
        backend: onnx
      })
      expect(marginOf(margins, "global")).toBeGreaterThan(0)
      const { quality } = yield* runStage(measure, {
        params: { cutoffs: [2] },
        inputs: { ...inputs, queries, documents }
      })
      expect(quality.find(({ metric }) => metric === "recall@2")!.value).toBe(1)
    }).pipe(Effect.scoped)
  )
})
