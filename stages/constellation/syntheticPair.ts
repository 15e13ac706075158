/**
 * Two views of any size with a known geometry, for trying the trained-model study: `texts` class directions and `images`
 * noisy copies of them, a modality offset apart.
 *
 *   V_c = unit(x_c − gap·e),  U_i = unit(x_class(i) + gap·e + noise·ε),  x, ε uniform on the sphere, e fixed
 *
 * Image i belongs to class i mod `texts`. Made in blocks: memory is one block.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { unitRows } from "../../compute/constellation/Pairing.ts"
import { randomCode } from "../../compute/constellation/optimisedCode.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { Labels } from "../../schemas/Labels.ts"
import { amount, count } from "./params.ts"

const blockRows = 4096

export const syntheticPair = Stage.make("constellation/synthetic-pair", {
  description: "Images and class texts of any size, with a known margin and modality gap.",
  source: import.meta.url,
  params: Schema.Struct({
    images: count(50_000),
    texts: count(1000),
    dims: count(128),
    /** Length of the modality offset. */
    gap: amount(0.6),
    /** Length of the noise of an image. */
    noise: amount(0.8)
  }),
  inputs: {},
  outputs: { images: Embeddings, texts: Embeddings, labels: Labels },
  random: true,
  run: Effect.fn("constellation/synthetic-pair")(function* ({ params }) {
    const { dims, gap, images, noise, texts } = params
    const { seed } = yield* Random
    const classes = randomCode(texts, dims, makeRandom(seed, "classes"))
    const shift = (data: Float64Array, by: number): Float64Array =>
      data.map((x, at) => (at % dims === 0 ? x + by : x))
    const block = (start: number) => {
      const rows = Math.min(blockRows, images - start)
      const drawn = randomCode(rows, dims, makeRandom(seed, `images ${start}`))
      const moved = drawn.map((x, at) => {
        const image = start + Math.floor(at / dims)
        return noise * x + classes[(image % texts) * dims + (at % dims)]
      })
      return {
        keys: Array.from({ length: rows }, (_, i) => `image ${start + i}`),
        data: Float32Array.from(unitRows(shift(moved, gap), dims))
      }
    }
    const starts = Array.from({ length: Math.ceil(images / blockRows) }, (_, b) => b * blockRows)
    return {
      images: {
        dims,
        precision: "float32" as const,
        blocks: Stream.fromIterable(starts).pipe(Stream.map(block))
      },
      texts: {
        keys: Array.from({ length: texts }, (_, c) => `class ${c}`),
        dims,
        data: Float32Array.from(unitRows(shift(classes, -gap), dims))
      },
      labels: Array.from({ length: images }, (_, i) => ({ key: `image ${i}`, label: `class ${i % texts}` }))
    }
  })
})

export default syntheticPair
