/** Draws matched feature correlations: what the matching reaches, the row-permuted baseline, and the proved bound. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { FeatureMatches } from "../../schemas/FeatureMatches.ts"
import type { FigureValue } from "../../schemas/Figure.ts"
import { Figure } from "../../schemas/Figure.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { formatDecimal } from "./formatDecimal.ts"

type Match = ValueOf<typeof FeatureMatches>[number]

const unique = <A>(items: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(items)]
const pairName = (match: Match): string => `${match.a} × ${match.b}`

/** The figure of a table of matches. */
export const matchesFigure = (matches: ReadonlyArray<Match>): FigureValue => {
  const pairs = unique(matches.map(pairName))
  const ways = unique(matches.map((match) => match.values))
  const ratios = matches.flatMap((match) => (match.ratio === null ? [] : [match.ratio]))
  const lowest = ratios.length === 0 ? undefined : Math.min(...ratios)
  return {
    type: "bars",
    title: "Signal: features matched one to one",
    caption:
      "Cosine of the two codes under the best one-to-one matching of their features found, by values and by where features are active, beside the same after permuting the rows of one side. The bound is proved: no matching does better.",
    ...(lowest === undefined
      ? {}
      : {
          finding: `Matched features correlate at least ${formatDecimal(lowest)} times as much as after permuting rows.`
        }),
    facts: [
      { name: "n", value: matches.reduce((most, match) => Math.max(most, match.n), 0) },
      { name: "direction", value: "higher" },
      { name: "permutations", value: matches.reduce((most, match) => Math.max(most, match.permutations), 0) }
    ],
    categories: pairs,
    draw: "dots",
    panels: ways.map((way) => {
      const own = pairs.map((pair) =>
        matches.find((match) => match.values === way && pairName(match) === pair)
      )
      return {
        name: way,
        value: { name: "matched correlation" },
        series: [
          { name: "matched", values: own.map((match) => match?.correlation ?? null) },
          { name: "rows permuted", values: own.map((match) => match?.baselineMean ?? null) },
          { name: "bound", values: own.map((match) => match?.bound ?? null) }
        ]
      }
    })
  }
}

export const matchFigure = Stage.make("figures/match", {
  description: "Matched feature correlations beside their row-permuted baselines and bounds.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { matches: FeatureMatches },
  outputs: { figure: Figure },
  run: Effect.fn("figures/match")(function* ({ inputs }) {
    return { figure: matchesFigure((yield* inputs.matches.read).rows) }
  })
})
