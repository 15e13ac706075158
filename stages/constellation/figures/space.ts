/** Shows a constellation in 3 dimensions that the reader can turn; lines join the vectors of one item. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../../engine/Stage.ts"
import { Constellation } from "../../../schemas/Constellation.ts"
import { InputError } from "../../../schemas/errors.ts"
import { Figure } from "../../../schemas/Figure.ts"
import { readBatch, side } from "../batch.ts"

export const spaceFigure = Stage.make("constellation/figure-space", {
  description: "A three-dimensional constellation.",
  source: import.meta.url,
  params: Schema.Struct({
    title: Schema.String,
    /** Which run of the batch. */
    run: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0)))
  }),
  inputs: { constellation: Constellation },
  outputs: { figure: Figure },
  run: Effect.fn("constellation/figure-space")(function* ({ inputs, params }) {
    const batch = yield* readBatch(inputs.constellation)
    const name = batch.runs[params.run]
    if (batch.dims !== 3 || name === undefined) {
      return yield* new InputError({
        what:
          name === undefined
            ? `There is no run ${params.run}; there are ${batch.runs.length}.`
            : `A constellation in ${batch.dims} dimensions has no picture in space.`,
        where: "constellation/figure-space",
        expected: "3 dimensions and a run of the batch"
      })
    }
    const series = Array.from({ length: batch.modalities }, (_, k) => {
      const points = side(batch, params.run, k)
      return {
        name: `modality ${k}`,
        points: Array.from(
          { length: batch.items },
          (_, i) => [points[3 * i], points[3 * i + 1], points[3 * i + 2]] as const
        ),
        labels: Array.from({ length: batch.items }, (_, i) => `item ${i}`)
      }
    })
    const links = Array.from({ length: batch.modalities - 1 }, (_, k) => k + 1).flatMap((k) =>
      Array.from({ length: batch.items }, (_, i) => ({ from: [0, i] as const, to: [k, i] as const }))
    )
    return {
      figure: {
        type: "scatter3d" as const,
        title: `${params.title}: in space`,
        caption: `${name.point}, seed ${name.seed}: unit vectors of each modality; a line joins the two vectors of an item. At the optimum every pair is one vector apart, the same for all.`,
        axes: ["x", "y", "z"] as const,
        series,
        links,
        sphere: true
      }
    }
  })
})

export default spaceFigure
