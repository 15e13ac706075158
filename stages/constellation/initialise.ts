/**
 * Where trainings start: unit vectors for each seed, modality and item.
 *
 * `sphere` draws uniform directions (normalised Gaussians, as the reference). `hemispheres` draws the same and then turns
 * coordinate 0 of even modalities positive and of odd ones negative, so that the modalities start apart.
 * Seed s and modality k have random streams of their own: more seeds leave the first ones as they were.
 *
 * Source: arXiv 2509.18552, section 5.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { randomCode } from "../../compute/constellation/optimisedCode.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { encodeBatch } from "./batch.ts"

const positive = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

export const initialise = Stage.make("constellation/initialise", {
  description: "Random unit vectors for every seed, modality and item.",
  source: import.meta.url,
  params: Schema.Struct({
    /** N, pairs. */
    items: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100))),
    /** d. */
    dims: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    modalities: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))),
    seeds: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(5))),
    shape: Schema.Literals(["sphere", "hemispheres"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("sphere" as const))
    )
  }),
  inputs: {},
  outputs: { constellation: Constellation },
  random: true,
  run: Effect.fn("constellation/initialise")(function* ({ params }) {
    const { dims, items, modalities, seeds, shape } = params
    const { seed: nodeSeed } = yield* Random
    const size = items * dims
    const vectors = new Float32Array(seeds * modalities * size)
    for (let seed = 0; seed < seeds; seed++) {
      for (let modality = 0; modality < modalities; modality++) {
        const set = randomCode(items, dims, makeRandom(nodeSeed, `seed ${seed} modality ${modality}`))
        if (shape === "hemispheres") {
          const sign = modality % 2 === 0 ? 1 : -1
          for (let at = 0; at < set.length; at += dims) set[at] = sign * Math.abs(set[at])
        }
        vectors.set(set, (seed * modalities + modality) * size)
      }
    }
    const runs = Array.from({ length: seeds }, (_, seed) => ({ point: shape, seed }))
    const recipe = { all: { items, dims, modalities, shape }, points: {} }
    return { constellation: encodeBatch({ runs, modalities, items, dims, vectors, recipe }) }
  })
})

export default initialise
