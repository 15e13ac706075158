/** Neighbour overlap of single words by frequency band, one line for each pair of views, with Spearman's ρ. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { Figure, type FigureValue } from "../../schemas/Figure.ts"
import { FrequencyOverlap } from "../../schemas/FrequencyOverlap.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { mean, unique } from "./alignmentCells.ts"
import { formatDecimal } from "./formatDecimal.ts"

type OverlapRow = ValueOf<typeof FrequencyOverlap>[number]

/** The figure of an overlap table, pure: the stage below wraps it. */
export const overlapFigure = (rows: ReadonlyArray<OverlapRow>, title: string): FigureValue => {
  const pairs = unique(rows.map((row) => JSON.stringify([row.a, row.b])))
  const whole = rows.filter((row) => row.band === 0)
  const rhos = whole.map((row) => row.rho).filter((rho) => rho !== null)
  const words = whole.reduce((most, row) => Math.max(most, row.words), 0)
  const ks = unique(rows.map((row) => row.k))
  return {
    type: "curves",
    title,
    caption:
      "The share of a word's k nearest neighbours that two views have in common, averaged over five bands of equally many words, from frequent (right) to rare (left). ρ is Spearman's correlation, over single words, between that share and the logarithm of the word's frequency.",
    ...(rhos.length === 0
      ? {}
      : {
          finding: `Over single words, neighbour overlap rises with log frequency in ${
            rhos.filter((rho) => rho > 0).length
          } of ${rhos.length} pairs (Spearman's ρ ${formatDecimal(Math.min(...rhos))} to ${formatDecimal(
            Math.max(...rhos)
          )}, mean ${formatDecimal(mean(rhos))}).`
        }),
    facts: [
      { name: "n", value: words },
      { name: "k", value: ks.join(", ") },
      { name: "direction", value: "higher is better" },
      ...(words > 1 && ks.length === 1
        ? [{ name: "chance", value: Number((ks[0]! / (words - 1)).toPrecision(2)) }]
        : [])
    ],
    x: { name: "frequency", unit: "share of occurrences", log: true },
    y: { name: `neighbour overlap (k = ${ks.join(", ")})` },
    series: pairs.map((pair) => {
      const own = rows.filter((row) => JSON.stringify([row.a, row.b]) === pair)
      const bands = own.filter((row) => row.band > 0)
      const rho = own.find((row) => row.band === 0)?.rho ?? null
      return {
        name: `${own[0]!.a} × ${own[0]!.b}${rho === null ? "" : `, ρ = ${formatDecimal(rho)}`}`,
        x: bands.map((row) => row.meanFrequency),
        y: bands.map((row) => row.overlap),
        labels: bands.map((row) => `band ${row.band}, ${row.words} words`),
        marks: "both" as const
      }
    })
  }
}

export const frequencyOverlap = Stage.make("figures/frequency-overlap", {
  description: "Neighbour overlap of words by frequency band.",
  source: import.meta.url,
  params: Schema.Struct({
    title: Schema.String.pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("Neighbour overlap of single words by frequency"))
    )
  }),
  inputs: { overlap: FrequencyOverlap },
  outputs: { figure: Figure },
  run: Effect.fn("figures/frequency-overlap")(function* ({ params, inputs }) {
    return { figure: overlapFigure((yield* inputs.overlap.read).rows, params.title) }
  })
})
