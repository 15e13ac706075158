/** Draws how many of a synthetic world's attributes dictionaries found, and how closely, beside random directions. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import type { FigureValue } from "../../schemas/Figure.ts"
import { Figure } from "../../schemas/Figure.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { Recovery } from "../../schemas/Recovery.ts"
import { formatDecimal } from "./formatDecimal.ts"

type Recovered = ValueOf<typeof Recovery>

/** The value below which a share `q` of the numbers lie. */
const quantile = (numbers: ReadonlyArray<number>, q: number): number =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))]!

const share = (rows: Recovered): number => rows.filter((row) => row.found).length / rows.length

/** The figure of the recoveries of several models. */
export const recoveryFigure = (
  models: ReadonlyArray<{ readonly name: string; readonly rows: Recovered }>
): FigureValue => {
  const shares = models.map(({ rows }) => share(rows))
  const spread = (name: string, of: (row: Recovered[number]) => number) => {
    const columns = models.map(({ rows }) => rows.map(of))
    return {
      name,
      values: columns.map((column) => quantile(column, 0.5)),
      low: columns.map((column) => quantile(column, 0.05)),
      high: columns.map((column) => quantile(column, 0.95))
    }
  }
  return {
    type: "bars",
    title: "Signal: attributes that the dictionaries found",
    caption:
      "Share of a model's true attribute directions with a decoder row nearby, and the |cos| of each with the nearest row: median, with the middle 90 % of attributes. Chance is the same for as many random directions.",
    finding: `The dictionaries found ${formatDecimal(100 * Math.min(...shares))} % of the attributes or more in every model.`,
    facts: [
      { name: "attributes", value: Math.max(...models.map(({ rows }) => rows.length)) },
      { name: "direction", value: "higher" }
    ],
    categories: models.map(({ name }) => name),
    draw: "dots",
    panels: [
      {
        name: "found",
        value: { name: "share of attributes", domain: [0, 1] },
        series: [{ name: "found", values: shares }]
      },
      {
        name: "nearest",
        value: { name: "|cos|", domain: [0, 1] },
        series: [spread("nearest feature", (row) => row.cosine), spread("chance", (row) => row.chance)]
      }
    ]
  }
}

export const recovery = Stage.make("figures/recovery", {
  description: "Attributes that dictionaries found, beside chance.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { recoveries: Stage.each(Recovery) },
  outputs: { figure: Figure },
  run: Effect.fn("figures/recovery")(function* ({ inputs }) {
    const models = yield* Effect.forEach(inputs.recoveries, ({ name, artifact }) =>
      Effect.map(artifact.read, ({ rows }) => ({ name, rows }))
    )
    return { figure: recoveryFigure(models) }
  })
})

export default recovery
