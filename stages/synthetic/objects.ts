/**
 * The objects of the synthetic world (`compute/sae/world.ts`): which attributes each has and how strongly, and how often it
 * occurs. Every model sees these same objects; `synthetic/view` is what one model makes of them.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { drawSignal, zipf } from "../../compute/sae/world.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { InputError } from "../../schemas/errors.ts"
import { Frequencies } from "../../schemas/Frequencies.ts"
import { SparseCodes } from "../../schemas/SparseCodes.ts"
import { keysOf } from "./keys.ts"

const count = Schema.Int.check(Schema.isGreaterThan(0))
const amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

export const syntheticObjects = Stage.make("synthetic/objects", {
  description: "Objects with sparse attributes and Zipf frequencies, shared by all synthetic models.",
  source: import.meta.url,
  params: Schema.Struct({
    objects: count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2000))),
    attributes: count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(512))),
    /** Attributes an object has. */
    active: count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(8))),
    /** Strengths are uniform in 1 ± spread. */
    spread: amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.2))),
    /** How flat the head of the Zipf law is: f_i ∝ 1 / (i + headOffset). */
    headOffset: amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100)))
  }),
  inputs: {},
  outputs: { signal: SparseCodes, frequencies: Frequencies },
  random: true,
  run: Effect.fn("synthetic/objects")(function* ({ params }) {
    const { objects, attributes, active } = params
    if (active > attributes) {
      return yield* new InputError({
        what: `An object cannot have ${active} of ${attributes} attributes.`,
        where: "active",
        expected: `1 to ${attributes}`
      })
    }
    const signal = drawSignal(makeRandom((yield* Random).seed, "signal"), params)
    const shares = zipf(objects, params.headOffset)
    const keys = keysOf("object", objects)
    const indptr = Float64Array.from({ length: objects + 1 }, (_, i) => i * active)
    return {
      signal: { keys, dims: attributes, indptr, ...signal },
      frequencies: keys.map((key, i) => ({ key, count: shares[i]! * 1e9, frequency: shares[i]! }))
    }
  })
})

export default syntheticObjects
