/** Draws one recorded number of a training against the step: the mean over seeds of every point, and its deviation. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../../engine/Stage.ts"
import { ConstellationCurves } from "../../../schemas/ConstellationCurves.ts"
import { Figure } from "../../../schemas/Figure.ts"
import { groupBy, moments } from "../moments.ts"

const measures = {
  loss: { name: "loss", log: true },
  inverseTemperature: { name: "inverse temperature t", log: true },
  bias: { name: "bias", log: false },
  relativeBias: { name: "relative bias", log: false },
  margin: { name: "margin (half gap)", log: false },
  xi: { name: "ξ", log: true }
} as const

/** A logarithmic axis has no place for 0 and below. */
const shown = (log: boolean, value: number): number | null => (log && !(value > 0) ? null : value)

export const curvesFigure = Stage.make("constellation/figure-curves", {
  description: "A recorded number against the step, mean and deviation over seeds.",
  source: import.meta.url,
  params: Schema.Struct({
    title: Schema.String,
    measure: Schema.Literals(["loss", "inverseTemperature", "bias", "relativeBias", "margin", "xi"])
  }),
  inputs: { curves: ConstellationCurves },
  outputs: { figure: Figure },
  run: Effect.fn("constellation/figure-curves")(function* ({ inputs, params }) {
    const { rows } = yield* inputs.curves.read
    const axis = measures[params.measure]
    const series = [...groupBy(rows, (row) => row.point)].map(([name, ofPoint]) => {
      const steps = [...groupBy(ofPoint, (row) => row.step)].map(([step, found]) => ({
        step,
        ...moments(found.map((row) => row[params.measure]))
      }))
      return {
        name,
        x: steps.map(({ step }) => step),
        y: steps.map(({ mean }) => shown(axis.log, mean)),
        low: steps.map(({ mean, sd }) => shown(axis.log, mean - (sd ?? 0))),
        high: steps.map(({ mean, sd }) => shown(axis.log, mean + (sd ?? 0)))
      }
    })
    const seeds = new Set(rows.map((row) => row.seed)).size
    return {
      figure: {
        type: "curves" as const,
        title: `${params.title}: ${axis.name}`,
        caption: `The ${axis.name} against the training step, mean over ${seeds} seeds; the band is ± one standard deviation of single seeds, not an interval for the mean.`,
        interval: "± one sd over seeds",
        facts: [{ name: "seeds", value: seeds }],
        x: { name: "step", integer: true },
        y: { name: axis.name, log: axis.log },
        series
      }
    }
  })
})

export default curvesFigure
