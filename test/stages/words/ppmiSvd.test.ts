import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { State } from "../../../engine/services/Checkpoint.ts"
import { InputError } from "../../../schemas/errors.ts"
import type { Matrix } from "../../../schemas/Matrix.ts"
import { ppmiSvd } from "../../../stages/words/ppmiSvd.ts"
import { wholeMatrix } from "../../support/readers.ts"
import { runStage } from "../../support/runStage.ts"

/** Two topics whose words keep to their own sentences. */
const animals = ["cat", "dog", "horse", "cow"]
const metals = ["iron", "copper", "tin", "zinc"]
const sentences = [animals, metals].flatMap((topic) =>
  topic.flatMap((a) => topic.flatMap((b) => topic.map((c) => `${a} ${b} ${c}`)))
)
const texts = sentences.map((text, i) => ({ key: String(i), text }))
const corpus = ["dog", ...animals.filter((word) => word !== "dog"), ...metals, "absent"].map((key) => ({
  key,
  text: key
}))
const params = { dimensions: 2, words: 100, window: 4 }

const dot = (x: Array<number>, y: Array<number>): number => x.reduce((sum, value, i) => sum + value * y[i], 0)

const cosine = (matrix: Matrix, a: string, b: string): number => {
  const row = (key: string) => {
    const at = matrix.keys.indexOf(key) * matrix.dims
    return [...matrix.data.subarray(at, at + matrix.dims)]
  }
  const [x, y] = [row(a), row(b)]
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
}

describe("words/ppmi-svd", () => {
  it.effect(
    "puts words of one topic together and topics apart, in the corpus's order, without absent words",
    () =>
      Effect.gen(function* () {
        const result = yield* runStage(ppmiSvd, { params, inputs: { corpus, texts } })
        const matrix = yield* wholeMatrix(result.embeddings)
        const expected = corpus.map((row) => row.key).filter((key) => matrix.keys.includes(key))
        expect(matrix.keys).toEqual(expected)
        expect(matrix.keys).toEqual(expect.arrayContaining([...animals, ...metals]))
        expect(matrix.keys).not.toContain("absent")
        for (const topic of [animals, metals]) {
          for (const a of topic) for (const b of topic) expect(cosine(matrix, a, b)).toBeGreaterThan(0.99)
        }
        for (const a of animals)
          for (const b of metals) expect(Math.abs(cosine(matrix, a, b))).toBeLessThan(0.01)
      })
  )

  it.effect("covers a word of the study below the frequency cut, but not below the minimum count", () =>
    Effect.gen(function* () {
      const rare = [...texts, { key: "rare", text: "yak cow yak cow" }, { key: "rarer", text: "gnu cow" }]
      const study = [...corpus, { key: "yak", text: "yak" }, { key: "gnu", text: "gnu" }]
      const keys = (more: object) =>
        Effect.flatMap(
          runStage(ppmiSvd, {
            params: { ...params, words: 5, ...more },
            inputs: { corpus: study, texts: rare }
          }),
          (result) => Effect.map(wholeMatrix(result.embeddings), (matrix) => matrix.keys)
        )
      expect(yield* keys({ minimumCount: 2 })).toContain("yak")
      expect(yield* keys({ minimumCount: 2 })).not.toContain("gnu")
      expect(yield* keys({ minimumCount: 1 })).toContain("gnu")
    })
  )

  it.effect("resumes from any checkpoint to the same bytes", () =>
    Effect.gen(function* () {
      const saved: Array<Required<State>> = []
      const inputs = { corpus, texts }
      const whole = yield* runStage(ppmiSvd, { params, inputs, saved })
      expect(saved.length).toBe(3)
      for (const resume of saved) {
        const resumed = yield* runStage(ppmiSvd, { params, inputs, resume })
        expect(resumed).toEqual(whole)
      }
    })
  )

  it.effect("refuses texts in which nothing goes together", () =>
    Effect.gen(function* () {
      const lonely = [{ key: "0", text: "one" }]
      const error = yield* Effect.flip(runStage(ppmiSvd, { params, inputs: { corpus, texts: lonely } }))
      expect(error).toBeInstanceOf(InputError)
    })
  )
})
