/** The table of means and deviations over seeds beside the published numbers. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../../engine/Stage.ts"
import { ConstellationSummary } from "../../../schemas/ConstellationSummary.ts"
import { Figure } from "../../../schemas/Figure.ts"
import { deviations } from "../agreement.ts"

export const referencesFigure = Stage.make("constellation/figure-references", {
  description: "Means over seeds beside the published numbers.",
  source: import.meta.url,
  params: Schema.Struct({ title: Schema.String }),
  inputs: { summaries: Stage.each(ConstellationSummary) },
  outputs: { figure: Figure },
  run: Effect.fn("constellation/figure-references")(function* ({ inputs, params }) {
    const rows: Array<Array<string | number | null>> = []
    let [within, comparable, single] = [0, 0, 0]
    for (const { artifact } of inputs.summaries) {
      for (const row of (yield* artifact.read).rows) {
        if (row.reference === null || row.mean === null) continue
        const spread = deviations(row.mean, row.reference, row.sd)
        if (row.comparable && spread === null) single++
        if (row.comparable && spread !== null) comparable++
        if (row.comparable && spread !== null && spread <= 3) within++
        rows.push([
          row.experiment,
          row.point,
          row.measure,
          row.mean,
          row.sd,
          row.seeds,
          row.reference,
          spread,
          row.comparable
            ? row.source
            : `${row.source}, another recipe${row.differs === null ? "" : `: ${row.differs}`}`
        ])
      }
    }
    return {
      figure: {
        type: "table" as const,
        title: params.title,
        caption:
          "Mean over seeds, standard deviation of single seeds, the published number (one run, as far as is known), and their distance in deviations (0 where they print alike). Three deviations is a rule, not a test.",
        finding: `${within} of ${comparable} published numbers of the same recipe lie within three deviations of the mean over seeds.${single === 0 ? "" : ` ${single} more cannot be judged, for want of a deviation.`}`,
        columns: [
          { name: "experiment" },
          { name: "point" },
          { name: "measure" },
          { name: "mean", digits: 4 },
          { name: "sd", digits: 2 },
          { name: "seeds" },
          { name: "published", digits: 4 },
          { name: "deviations", digits: 2 },
          { name: "source" }
        ],
        rows
      }
    }
  })
})

export default referencesFigure
