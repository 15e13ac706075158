/**
 * What one synthetic model makes of the objects: its own direction for each attribute, a bias β, and noise that falls with
 * frequency, x = normalise(Σ s·a + b + τ·f^(−1/2)·gaussian/√d) (`compute/sae/world.ts`).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { drawModel } from "../../compute/sae/world.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import { Frequencies } from "../../schemas/Frequencies.ts"
import { SparseCodes } from "../../schemas/SparseCodes.ts"
import { keysOf } from "./keys.ts"

const amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

export const syntheticView = Stage.make("synthetic/view", {
  description: "One synthetic model's view of the objects: directions, bias and noise of its own.",
  source: import.meta.url,
  params: Schema.Struct({
    dims: Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(256))),
    /** β, the length of the bias. */
    bias: amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
    /** τ, the noise of an object whose f^(−1/2) is average. */
    noise: amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0)))
  }),
  inputs: { signal: SparseCodes, frequencies: Frequencies },
  outputs: {
    embeddings: Embeddings,
    /** The model's true directions, one unit row an attribute. */
    directions: Embeddings
  },
  random: true,
  run: Effect.fn("synthetic/view")(function* ({ params, inputs }) {
    const signal = yield* inputs.signal.read
    const { rows } = yield* inputs.frequencies.read
    const shareOf = new Map(rows.map(({ key, frequency }) => [key, frequency]))
    const missing = signal.keys.find((key) => !shareOf.has(key))
    if (missing !== undefined) {
      return yield* new InputError({
        what: `Object '${missing}' has no frequency.`,
        where: "input 'frequencies'"
      })
    }
    const frequencies = Float64Array.from(signal.keys, (key) => shareOf.get(key)!)
    const random = makeRandom((yield* Random).seed, "view")
    const { directions, view } = drawModel(random, signal, frequencies, params)
    return {
      embeddings: { keys: signal.keys, dims: params.dims, data: view },
      directions: { keys: keysOf("attribute", signal.dims), dims: params.dims, data: directions }
    }
  })
})

export default syntheticView
