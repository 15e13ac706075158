/** Tables of the results page that are not one published number a row. */
import { fixedBiasTable } from "../../pipelines/constellation/published.ts"
import type { Measured } from "./measured.ts"
import type { SummaryRow } from "./results.ts"
import { heading, number, table } from "./tables.ts"

const chosen = (
  rows: ReadonlyArray<SummaryRow>,
  experiment: string,
  measures: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const own = rows.filter((row) => row.experiment.startsWith(experiment))
  const runs = [...new Set(own.map((row) => `${row.experiment}\n${row.point}`))]
  return table(
    ["part", "point", ...measures],
    runs.map((run) => {
      const [part, point] = run.split("\n")
      const cell = (measure: string) => {
        const row = own.find((r) => r.experiment === part && r.point === point && r.measure === measure)
        return row === undefined
          ? ""
          : `${number(row.mean)}${row.sd === null ? "" : ` ± ${number(row.sd, 2)}`}`
      }
      return [part, point, ...measures.map(cell)]
    })
  )
}

/**
 * How many pairs the collapsed rows of table 2 were trained with: with all scores at −1 the loss at z = t (−1 − b) is
 * softplus(z) − z / N, so that a printed t and loss give N.
 */
export const impliedPairs = (): ReadonlyArray<string> => [
  "### How many pairs tables 2 and 3 had",
  "",
  "In table 2 the rows at b_rel = −.9 and −.8 have margin 0: every score is −1, and the loss at z = t (−1 − b_rel) is softplus(z) − z / N. The printed t and loss therefore say what N was:",
  "",
  ...table(
    ["row", "t", "loss", "N implied"],
    fixedBiasTable
      .filter(({ bias, fullGap }) => bias > -1 && fullGap === 0)
      .map(({ bias, inverseTemperature, loss = 0 }) => {
        const z = -inverseTemperature * (1 + bias)
        return [
          `b=${bias}`,
          number(inverseTemperature),
          number(loss),
          number(-z / (loss - Math.log1p(Math.exp(z))))
        ]
      })
  )
]

export const measuredTable = (rows: ReadonlyArray<Measured>): ReadonlyArray<string> =>
  rows.length === 0
    ? []
    : [
        ...heading("Benches"),
        ...table(
          ["what", "measured", "command", "when, commit", "machine"],
          rows.map((row) => [
            row.what,
            row.found,
            `\`${row.command}\``,
            `${row.date}, ${row.commit}`,
            row.machine
          ])
        )
      ]

/** Margins with the guide beside those of the plain training from the same vectors. */
const gains = (rows: ReadonlyArray<SummaryRow>): ReadonlyArray<string> => {
  const margins = rows.filter((row) => row.experiment.startsWith("guided/") && row.measure === "margin")
  const start = (row: SummaryRow) => row.point.replace(/^(plain|towards [\d.]+) ?/, "")
  return table(
    ["part", "start", "guide", "plain margin", "guided margin", "gain", "gain / its standard error"],
    margins
      .filter((row) => row.point.startsWith("towards"))
      .map((row) => {
        const plain = margins.find(
          (other) =>
            other.experiment === row.experiment &&
            other.point.startsWith("plain") &&
            start(other) === start(row)
        )!
        const gain = row.mean! - plain.mean!
        const error = Math.hypot(row.sd ?? 0, plain.sd ?? 0) / Math.sqrt(row.seeds)
        return [
          row.experiment,
          start(row) === "" ? "b0=0" : start(row),
          row.point.split(" ").slice(0, 2).join(" "),
          number(plain.mean),
          number(row.mean),
          `${gain > 0 ? "+" : ""}${number(gain)}`,
          number(gain / error, 2)
        ]
      })
  )
}

/** Studies without published numbers. */
export const extras = (
  found: ReadonlyArray<SummaryRow>,
  trained: ReadonlyArray<SummaryRow>
): ReadonlyArray<string> => [
  ...heading("Tangential and Euclidean gradients"),
  "The reference normalises vectors inside its loss, so its gradient is tangential. Without that, Adam's second moments see the radial part too, and the same 10,000 steps end at smaller margins and a larger ξ.",
  "",
  ...chosen(found, "projection/", ["margin", "relativeBias", "inverseTemperature", "loss", "xi"]),
  ...heading("Parameterisations side by side"),
  ...chosen(found, "forms/", [
    "margin",
    "relativeBias",
    "trainedRelativeBias",
    "inverseTemperature",
    "loss",
    "xi"
  ]),
  ...heading("Guided relative bias"),
  "A pull of weight · (b_rel − target)² added to the loss, from three starts, beside the plain training from the same vectors.",
  "",
  ...gains(found),
  ...chosen(found, "guided/", ["margin", "relativeBias", "inverseTemperature", "loss", "slack"]),
  ...heading("Synchronisation graphs, four modalities"),
  ...chosen(
    found.filter((row) => /^modalities\/(k4|star|path)$/.test(row.experiment)),
    "modalities/",
    ["margin", "meanEdgeMargin", "relativeBias", "loss", "leftToRight"]
  ),
  ...heading("Trained views"),
  ...chosen(trained, "", [
    "pairs",
    "texts",
    "margin",
    "relativeBias",
    "trimmedMargin",
    "trimmedRelativeBias",
    "leftToRight",
    "rightToLeft",
    "perceptronLeftMistakes",
    "perceptronRightMistakes",
    "centroidGap",
    "xi",
    "probeAccuracy"
  ])
]
