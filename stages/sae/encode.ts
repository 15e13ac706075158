/**
 * Encodes a view with a dictionary, in blocks of rows: the dense activations exist for one block at a time, and what
 * grows with the view is its sparse codes (8 bytes an active feature). Codes are written in rising feature order.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Compute } from "../../compute/Compute.ts"
import { encodingProgram } from "../../compute/sae/encodingProgram.ts"
import { Backend } from "../../engine/services/Backend.ts"
import { Progress } from "../../engine/services/Progress.ts"
import * as Stage from "../../engine/Stage.ts"
import { Dictionary } from "../../schemas/Dictionary.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import { SparseCodes } from "../../schemas/SparseCodes.ts"
import { TrainingCurve } from "../../schemas/TrainingCurve.ts"
import { CodeBuilder } from "./codes.ts"
import { openDictionary } from "./dictionary.ts"

export const encodeSae = Stage.make("sae/encode", {
  description: "Encodes a view as sparse codes with a trained dictionary.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Rows encoded at once; memory for activations is 4 · blockRows · features bytes. */
    blockRows: Schema.Int.check(Schema.isGreaterThan(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(1024))
    ),
    /** For threshold activations: the most features a row may have. */
    maxActive: Schema.Int.check(Schema.isGreaterThan(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(512))
    )
  }),
  inputs: { embeddings: Embeddings, dictionary: Dictionary },
  outputs: { codes: SparseCodes, quality: TrainingCurve },
  resources: { cpu: 2, memory: "2 GiB" },
  compute: true,
  isolated: true,
  run: Effect.fn("sae/encode")(function* ({ params, inputs }) {
    const progress = yield* Progress
    const dictionary = yield* openDictionary(yield* inputs.dictionary.read)
    const { features, dims } = dictionary
    if (dims !== inputs.embeddings.dims) {
      return yield* new InputError({
        what: `The embeddings have ${inputs.embeddings.dims} dimensions, the dictionary ${dims}.`,
        where: "inputs 'embeddings' and 'dictionary'",
        expected: "a dictionary that was trained on this view"
      })
    }
    const batch = Math.min(params.blockRows, Math.max(1, inputs.embeddings.rows))
    const kept = dictionary.activation === "topk" ? dictionary.k! : Math.min(params.maxActive, features)
    const threshold = { topk: "none", batchtopk: "shared", jumprelu: "each" } as const
    const program = encodingProgram(
      { dims, features, batch },
      { kept, threshold: threshold[dictionary.activation] }
    )
    const codes = new CodeBuilder(features, kept)

    const encodeAll = Effect.gen(function* () {
      const compute = yield* Compute
      const run = yield* compute.compile(program)
      const names = ["encoder", "encoderBias", "decoder", "centre", "threshold"]
      const needed = names.filter((name) => program.states.has(name))
      const state = yield* compute.state(
        program,
        Object.fromEntries(needed.map((name) => [name, dictionary.tensors[name]!]))
      )
      const block = new Float32Array(batch * dims)
      let filled: Array<string> = []
      const flush = Effect.gen(function* () {
        if (filled.length === 0) return
        block.fill(0, filled.length * dims)
        const { values, indices, error } = yield* run.run({
          ...state,
          batch: { shape: [batch, dims], data: block }
        })
        codes.add(filled, block, values.data, indices.data, error.data)
        if (dictionary.activation !== "topk" && codes.overflowing !== undefined) {
          return yield* new InputError({
            what: `Row '${codes.overflowing}' has ${kept} active features or more.`,
            where: "maxActive",
            next: `raise maxActive above ${kept}`
          })
        }
        filled = []
        yield* progress.report(codes.rows, inputs.embeddings.rows)
      })
      yield* Stream.runForEach(inputs.embeddings.blocks, (rows) =>
        Effect.gen(function* () {
          for (let i = 0; i < rows.keys.length; i++) {
            block.set(rows.data.subarray(i * dims, (i + 1) * dims), filled.length * dims)
            filled.push(rows.keys[i]!)
            if (filled.length === batch) yield* flush
          }
        })
      )
      yield* flush
    })
    yield* encodeAll.pipe(Effect.scoped, Effect.provide(Compute.layer(yield* Backend)))
    return { codes: codes.build(), quality: codes.quality() }
  })
})

export default encodeSae
