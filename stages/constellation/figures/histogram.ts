/** Draws the scores of positive and negative pairs, one panel a point, all seeds together. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../../engine/Stage.ts"
import { Figure } from "../../../schemas/Figure.ts"
import { ScoreHistogram } from "../../../schemas/ScoreHistogram.ts"
import { groupBy } from "../moments.ts"

export const histogramFigure = Stage.make("constellation/figure-histogram", {
  description: "Histograms of positive and negative scores.",
  source: import.meta.url,
  params: Schema.Struct({ title: Schema.String }),
  inputs: { histogram: ScoreHistogram },
  outputs: { figure: Figure },
  run: Effect.fn("constellation/figure-histogram")(function* ({ inputs, params }) {
    const { rows } = yield* inputs.histogram.read
    const seeds = new Set(rows.map((row) => row.seed)).size
    const panels = [...groupBy(rows, (row) => row.point)].map(([name, ofPoint]) => {
      const bins = [...groupBy(ofPoint, (row) => row.low)].sort(([a], [b]) => a - b)
      const counts = (side: string) =>
        bins.map(([, found]) => found.reduce((sum, row) => sum + (row.side === side ? row.count : 0), 0))
      return {
        name,
        edges: [...bins.map(([low]) => low), bins[bins.length - 1][1][0].high],
        series: [
          { name: "positive pairs", counts: counts("positive") },
          { name: "negative pairs", counts: counts("negative") }
        ]
      }
    })
    return {
      figure: {
        type: "histogram" as const,
        title: `${params.title}: scores`,
        caption: `Scores of positive and negative pairs over ${seeds === 1 ? "one seed" : `${seeds} seeds`}, counts on a logarithmic axis. A gap between the two is twice the margin.`,
        x: { name: "score ⟨U, V⟩" },
        logCount: true,
        panels
      }
    }
  })
})

export default histogramFigure
