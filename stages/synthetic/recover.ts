/**
 * Which of the world's attributes a dictionary found: the |cos| of each true direction with the nearest decoder row, beside
 * that with the nearest of as many random directions (chance).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { recoverDirections } from "../../compute/sae/recovery.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Dictionary } from "../../schemas/Dictionary.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import { Recovery } from "../../schemas/Recovery.ts"

export const recoverAttributes = Stage.make("synthetic/recover", {
  description: "Matches a dictionary's features with the true directions of a synthetic world.",
  source: import.meta.url,
  params: Schema.Struct({
    /** |cos| above which an attribute counts as found. */
    cosine: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.9)))
  }),
  inputs: { directions: Embeddings, dictionary: Dictionary },
  outputs: { recovery: Recovery },
  random: true,
  run: Effect.fn("synthetic/recover")(function* ({ params, inputs }) {
    const directions = yield* inputs.directions.read
    const { tensors } = yield* inputs.dictionary.read
    const { decoder } = tensors
    if (decoder?.shape[1] !== directions.dims) {
      return yield* new InputError({
        what: `The directions have ${directions.dims} dimensions, the decoder ${decoder?.shape[1] ?? "none"}.`,
        where: "inputs 'directions' and 'dictionary'"
      })
    }
    const unrelated = new Float32Array(decoder.data.length)
    makeRandom((yield* Random).seed, "recover").fillGaussian(unrelated)
    const chance = recoverDirections(directions, unrelated)
    return {
      recovery: recoverDirections(directions, decoder.data).map((row, at) => ({
        ...row,
        found: row.cosine > params.cosine,
        chance: chance[at]!.cosine
      }))
    }
  })
})

export default recoverAttributes
