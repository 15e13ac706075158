/**
 * Draws margins against relative biases inside the feasible region of Theorem 3.4, one dot a run, with the two sides that
 * no constellation crosses and, where asked for, how far the best known spherical codes get.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { largestMargin, regionSlack } from "../../../compute/constellation/feasibleRegion.ts"
import * as Stage from "../../../engine/Stage.ts"
import { ConstellationMeasures } from "../../../schemas/ConstellationMeasures.ts"
import { Figure } from "../../../schemas/Figure.ts"
import { groupBy } from "../moments.ts"

export const regionFigure = Stage.make("constellation/figure-region", {
  description: "Margins and relative biases in the feasible region.",
  source: import.meta.url,
  params: Schema.Struct({
    title: Schema.String,
    /** N: the spread side is 1 + b = (3 − 4/N) m. */
    pairs: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100)))
  }),
  inputs: { measures: Stage.each(ConstellationMeasures) },
  outputs: { figure: Figure },
  run: Effect.fn("constellation/figure-region")(function* ({ inputs, params }) {
    const dots: Array<{ name: string; x: number; y: number; label: string }> = []
    for (const { artifact, name } of inputs.measures) {
      const { rows } = yield* artifact.read
      const all = rows.filter((row) => row.edge === "all")
      for (const [, ofRun] of groupBy(all, (row) => `${row.point} ${row.seed}`)) {
        const value = (measure: string) => ofRun.find((row) => row.measure === measure)?.value ?? null
        const [margin, relativeBias] = [value("margin"), value("relativeBias")]
        if (margin === null || relativeBias === null) continue
        dots.push({ name, x: relativeBias, y: margin, label: `${ofRun[0].point}, seed ${ofRun[0].seed}` })
      }
    }
    const outside = dots.filter(({ x, y }) => regionSlack(y, x, params.pairs).slack < -1e-6).length
    const grid = Array.from({ length: 201 }, (_, i) => -1 + i / 100)
    return {
      figure: {
        type: "scatter" as const,
        title: params.title,
        caption:
          "Half gap m against the best relative bias b of each run. The dashed line bounds every constellation: m + b ≤ 1 on the right, (3 − 4/N) m ≤ 1 + b on the left.",
        finding: `${dots.length} runs, ${outside} outside the feasible region.`,
        facts: [{ name: "N", value: params.pairs }],
        x: { name: "relative bias b*" },
        y: { name: "margin m* (half gap)" },
        series: [
          ...[...groupBy(dots, ({ name }) => name)].map(([name, of]) => ({
            name,
            x: of.map(({ x }) => x),
            y: of.map(({ y }) => y),
            labels: of.map(({ label }) => label),
            marks: "points" as const
          })),
          {
            name: "feasible region",
            x: grid,
            y: grid.map((b) => largestMargin(b, params.pairs)),
            marks: "line" as const,
            muted: true
          }
        ]
      }
    }
  })
})

export default regionFigure
