/**
 * The head of a report: what was studied, what came out (the findings that figures carry, computed from the data), and
 * what it took.
 */
import type { ReportRun } from "../input.ts"
import { element, text, type Markup } from "../markup.ts"
import { count, formatSeconds } from "../numbers.ts"

const dateOf = (iso: string): string => {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}

const work = (input: ReportRun): string => {
  const statuses = ["ran", "resumed", "cached", "accepted", "failed", "skipped"] as const
  const counts = statuses.flatMap((status) => {
    const n = input.nodes.filter((node) => node.status === status).length
    return n === 0 ? [] : [`${n} ${status}`]
  })
  return input.nodes.length === 0
    ? `${formatSeconds(input.run.seconds)}`
    : `${count(input.nodes.length, "node")} (${counts.join(", ")}) in ${formatSeconds(input.run.seconds)}`
}

const capitalised = (sentence: string): string => sentence.slice(0, 1).toUpperCase() + sentence.slice(1)
const sentence = (value: string): string => (/[.!?]$/.test(value.trim()) ? value.trim() : `${value.trim()}.`)

/** What the head of a report says of a figure. */
export interface Finding {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly finding: string | null
}

export const summary = (input: ReportRun, figures: ReadonlyArray<Finding>, hasTables: boolean): Markup => {
  const findings = figures.filter(({ finding }) => finding !== null)
  const failed = input.nodes.filter((node) => node.status === "failed" || node.status === "skipped")
  const contents: ReadonlyArray<readonly [string, string]> = [
    ...figures.map(({ id, number, title }) => [id, `Figure ${number}. ${title}`] as const),
    ...(hasTables ? [["tables", "Tables"] as const] : []),
    ["graph", "How it was computed"],
    ["parameters", "Parameters"],
    ["provenance", "Provenance"]
  ]
  return element(
    "header",
    {},
    element(
      "div",
      { class: "bar" },
      element("p", { class: "eyebrow" }, text("Asterism report")),
      element(
        "button",
        { type: "button", id: "theme", class: "download", "aria-label": "Switch between light and dark" },
        text("Light / dark")
      )
    ),
    element("h1", {}, text(capitalised(input.pipeline))),
    element("p", { class: "lead" }, text(sentence(input.description))),
    findings.length === 0
      ? ""
      : element(
          "p",
          { class: "summary" },
          ...findings.flatMap(({ finding, id, number }) => [
            text(`${sentence(finding!)} `),
            element("a", { href: `#${id}` }, text(`(Figure ${number})`)),
            text(" ")
          ])
        ),
    failed.length === 0
      ? ""
      : element(
          "p",
          { class: "warning", role: "alert" },
          text(
            `This run did not finish: ${failed
              .slice(0, 8)
              .map((node) => `${node.name} ${node.status}`)
              .join(
                ", "
              )}${failed.length > 8 ? `, and ${failed.length - 8} more` : ""}. What follows is what there is.`
          )
        ),
    element(
      "dl",
      { class: "facts" },
      ...(
        [
          ["run", input.run.id],
          ["started", dateOf(input.run.started)],
          ["work", work(input)],
          ["seed", String(input.run.seed)]
        ] as const
      ).map(([name, value]) =>
        element("div", {}, element("dt", {}, text(name)), element("dd", {}, text(value)))
      )
    ),
    element(
      "nav",
      { "aria-label": "Contents" },
      element(
        "ol",
        {},
        ...contents.map(([id, title]) => element("li", {}, element("a", { href: `#${id}` }, text(title))))
      )
    )
  )
}
