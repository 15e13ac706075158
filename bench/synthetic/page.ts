/** The results page of the synthetic study, from the tables of its runs. */
import { table } from "../markdown.ts"
import type { Point } from "./sections.ts"
import { attributes, bias, matching, noise } from "./sections.ts"

/** `made` says when, where and by which command. */
export const page = (points: ReadonlyArray<Point>, made: string): string => {
  const sections = [attributes, bias, noise, matching].map((section) => section(points))
  const checks = sections.flatMap((section) =>
    section.checks.map(({ what, measured, holds }) => [what, measured, holds ? "yes" : "**no**"])
  )
  return [
    "# The synthetic world: results",
    "",
    made,
    "",
    "2,000 objects with 8 of 512 attributes each, three models in 256 dimensions with directions of their own. Every model of every seed is drawn anew; the settings are those of `pipelines/synthetic.ts`, which says how they were chosen.",
    "",
    ...table(["what must come back", "measured", "holds"], checks),
    "",
    ...sections.flatMap(({ title, head, rows }) => [`## ${title}`, "", ...table(head, rows), ""])
  ].join("\n")
}
