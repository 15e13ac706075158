/** Markdown tables of the results page. */
import { deviations } from "../../stages/constellation/agreement.ts"
import type { SummaryRow } from "./results.ts"

export const number = (value: number | null | undefined, digits: number = 4): string =>
  value === null || value === undefined
    ? ""
    : !Number.isFinite(value)
      ? "–"
      : value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)
        ? value.toExponential(Math.min(2, digits - 1))
        : String(Number(value.toPrecision(digits)))

export const heading = (text: string): ReadonlyArray<string> => [`## ${text}`, ""]

/** A table in Markdown. */
export const table = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => [
  `| ${header.join(" | ")} |`,
  `|${header.map(() => "---").join("|")}|`,
  ...rows.map((row) => `| ${row.join(" | ")} |`),
  ""
]

const distance = ({ comparable, mean, reference, sd }: SummaryRow): string => {
  if (!comparable) return "another recipe"
  if (mean === null || reference === null) return ""
  const found = deviations(mean, reference, sd)
  return found === 0 ? "equal as printed" : number(found, 2)
}

/** Rows with a published number: mean ± sd beside it. */
export const summaryTable = (title: string, rows: ReadonlyArray<SummaryRow>): ReadonlyArray<string> => {
  const known = rows.filter((row) => row.reference !== null)
  if (known.length === 0) return []
  return [
    `### ${title}`,
    "",
    ...table(
      ["part", "point", "measure", "ours (mean ± sd)", "seeds", "published", "distance", "source"],
      known.map((row) => [
        row.experiment,
        row.point,
        row.measure,
        `${number(row.mean)} ± ${number(row.sd, 2)}`,
        String(row.seeds),
        number(row.reference, 6),
        distance(row),
        row.source ?? ""
      ])
    )
  ]
}
