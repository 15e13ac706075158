/** Clamps outliers and normalises rows, as the code of arXiv 2405.07987 prepares features (compute/alignment/clamp.ts). */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { clampBlock, MeanRowQuantile } from "../compute/alignment/clamp.ts"
import * as Stage from "../engine/Stage.ts"
import { Progress } from "../engine/services/Progress.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import type { MatrixBlock } from "../schemas/Matrix.ts"

const dense = (block: MatrixBlock) => ({ rows: block.keys.length, dims: block.dims, data: block.data })

export const clamp = Stage.make("alignment/clamp", {
  description: "Clamps outliers to a mean row quantile and normalises rows, as arXiv 2405.07987's code does.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Quantile of |x| within a row whose mean over rows is the bound. */
    quantile: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(0.95))
    )
  }),
  inputs: { embeddings: Embeddings },
  outputs: { embeddings: Embeddings },
  run: Effect.fn("alignment/clamp")(function* ({ params, inputs: { embeddings } }) {
    const progress = yield* Progress
    const { dims, precision, rows } = embeddings
    const quantiles = new MeanRowQuantile(params.quantile)
    yield* Stream.runForEach(embeddings.blocks, (block) =>
      Effect.suspend(() => {
        quantiles.add(dense(block))
        return progress.report(block.start + block.keys.length, 2 * rows)
      })
    )
    const bound = quantiles.mean
    return {
      embeddings: {
        dims,
        precision,
        blocks: Stream.mapEffect(embeddings.blocks, (block) =>
          Effect.as(progress.report(rows + block.start + block.keys.length, 2 * rows), {
            keys: block.keys,
            data: clampBlock(dense(block), bound)
          })
        )
      }
    }
  })
})
