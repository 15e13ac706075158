/** Draws how trainings went: each series of their curves in a panel of its own, one line a training. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import type { FigureValue, XySeries } from "../../schemas/Figure.ts"
import { Figure } from "../../schemas/Figure.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { TrainingCurve } from "../../schemas/TrainingCurve.ts"
import { unique } from "./alignmentCells.ts"
import { formatDecimal } from "./formatDecimal.ts"

type Curve = ValueOf<typeof TrainingCurve>

/** The figure of the curves of several trainings. */
export const trainingFigure = (
  trainings: ReadonlyArray<{ readonly name: string; readonly rows: Curve }>,
  series: ReadonlyArray<string>,
  title: string
): FigureValue => {
  const [first] = series
  const last = trainings.flatMap(({ rows }) => {
    const value = rows.findLast((row) => row.series === first)?.value ?? null
    return value === null ? [] : [value]
  })
  return {
    type: "curves",
    title,
    caption: `By step, of ${trainings.length} trainings, on the rows set aside where there are any: ${series.join(", ")}.`,
    ...(last.length === 0
      ? {}
      : {
          finding: `Trainings end with ${first} from ${formatDecimal(Math.min(...last))} to ${formatDecimal(Math.max(...last))}.`
        }),
    x: { name: "step", integer: true },
    y: { name: "value" },
    sharedY: false,
    series: series.flatMap((panel) =>
      trainings.map(({ name, rows }): XySeries => {
        const points = rows.filter((row) => row.series === panel)
        return { name, panel, x: points.map(({ step }) => step), y: points.map(({ value }) => value) }
      })
    )
  }
}

export const training = Stage.make("figures/training", {
  description: "Training curves side by side: loss, explained variance, L0, dead features.",
  source: import.meta.url,
  params: Schema.Struct({
    /** The series drawn, one panel each; the first is the one that the report's summary names. */
    series: Schema.Array(Schema.String).pipe(
      Schema.withDecodingDefaultKey(
        Effect.succeed(["explained variance", "validation loss", "L0", "dead fraction"])
      )
    ),
    title: Schema.String.pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("Training of the sparse autoencoders"))
    )
  }),
  inputs: { curves: Stage.each(TrainingCurve) },
  outputs: { figure: Figure },
  run: Effect.fn("figures/training")(function* ({ params, inputs }) {
    const trainings = yield* Effect.forEach(inputs.curves, ({ name, artifact }) =>
      Effect.map(artifact.read, ({ rows }) => ({ name, rows }))
    )
    const known = unique(trainings.flatMap(({ rows }) => rows.map((row) => row.series)))
    return {
      figure: trainingFigure(
        trainings,
        params.series.filter((name) => known.includes(name)),
        params.title
      )
    }
  })
})

export default training
