/**
 * Centres a view: row-normalise → subtract the mean row → row-normalise (compute/alignment/centre.ts), in two passes over
 * the file, so that memory is bounded by one block of rows.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { centreBlock, MeanOfUnitRows } from "../compute/alignment/centre.ts"
import * as Stage from "../engine/Stage.ts"
import { Progress } from "../engine/services/Progress.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { InputError } from "../schemas/errors.ts"
import type { MatrixBlock } from "../schemas/Matrix.ts"

const dense = (block: MatrixBlock) => ({ rows: block.keys.length, dims: block.dims, data: block.data })

export const centre = Stage.make("alignment/centre", {
  description: "Row-normalises, subtracts the mean row, row-normalises again.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { embeddings: Embeddings },
  outputs: { embeddings: Embeddings },
  run: Effect.fn("alignment/centre")(function* ({ inputs: { embeddings } }) {
    const progress = yield* Progress
    const { dims, precision, rows } = embeddings
    if (rows === 0) {
      return yield* new InputError({ what: "The view has no rows.", expected: "at least one row" })
    }
    const mean = new MeanOfUnitRows(dims)
    yield* Stream.runForEach(embeddings.blocks, (block) =>
      Effect.suspend(() => {
        const bad = block.data.findIndex((x) => !Number.isFinite(x))
        if (bad >= 0) {
          return new InputError({
            what: `The row "${block.keys[Math.floor(bad / dims)]}" holds ${block.data[bad]} in column ${bad % dims}.`,
            expected: "finite numbers",
            next: "look at what made this view"
          })
        }
        mean.add(dense(block))
        return progress.report(block.start + block.keys.length, 2 * rows)
      })
    )
    const centre = mean.mean
    return {
      embeddings: {
        dims,
        precision,
        blocks: Stream.mapEffect(embeddings.blocks, (block) =>
          Effect.as(progress.report(rows + block.start + block.keys.length, 2 * rows), {
            keys: block.keys,
            data: centreBlock(dense(block), centre).data
          })
        )
      }
    }
  })
})
