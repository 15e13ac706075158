/**
 * The report of a run: one HTML file that works offline. Everything is inside it: pictures, data, style and script; its
 * content security policy forbids any request and any script but its own.
 *
 * A page is made of its content (figures and tables, the same for every run with the same outputs, and most of the work)
 * and of what is this run's own: its head, its nodes, its provenance.
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { embedTables } from "./embed.ts"
import { paletteStyle } from "./figures/palette.ts"
import type { ReportContent, ReportInput, ReportRun } from "./input.ts"
import { element, joined, page, text, verbatim, type Markup } from "./markup.ts"
import { drawAll, figureSection } from "./page/figures.ts"
import { nodesSections, parametersToEmbed } from "./page/nodes.ts"
import { digestsToEmbed, provenanceSection } from "./page/provenance.ts"
import { summary, type Finding } from "./page/summary.ts"
import { tablesSection, tablesToEmbed } from "./page/tables.ts"

const read = (url: URL): string => readFileSync(url, "utf8")

/** The page's script: plain files joined in one function, so that nothing leaks into the page. */
const script = (): Markup =>
  verbatim(
    "script",
    `(() => {\n"use strict"\n${[
      read(new URL("./client/format.js", import.meta.url)),
      read(new URL("./client/data.js", import.meta.url)),
      read(new URL("./client/tables.js", import.meta.url)),
      read(new URL("./client/marks.js", import.meta.url)),
      read(new URL("./client/pictures.js", import.meta.url)),
      read(new URL("./client/turn.js", import.meta.url)),
      read(new URL("./client/page.js", import.meta.url))
    ].join("\n")}\n})()\n`
  )

/** Characters of table data a page may hold by default, and again for the tables of its nodes. */
export const defaultTableBudget = 4_000_000

/** What of a page depends on the outputs alone. Plain JSON. */
export interface Content {
  readonly figures: Markup
  readonly tables: Markup
  /** The tables' data. */
  readonly data: Markup
  readonly findings: ReadonlyArray<Finding>
}

/** Draws the figures and tables. Pure: equal inputs give equal content. */
export const renderContent = (
  input: ReportContent,
  options: { readonly tableBudget?: number } = {}
): Content => {
  const figures = drawAll(input.figures, input.pipeline)
  const embedded = embedTables(
    [...figures.flatMap(({ tables }) => tables), ...tablesToEmbed(input.tables, input.pipeline)],
    options.tableBudget ?? defaultTableBudget
  )
  return {
    figures:
      figures.length === 0
        ? ""
        : joined(
            [element("h2", {}, text("Figures")), ...figures.map((drawn) => figureSection(drawn, embedded))],
            "\n"
          ),
    tables: tablesSection(input.tables, embedded),
    data: joined([...embedded.values()].map((table) => table.script)),
    findings: figures.map(({ id, number, figure }) => ({
      id,
      number,
      title: figure.title,
      finding: figure.finding ?? null
    }))
  }
}

/** The page of one run around its content. Pure: equal inputs give equal pages. */
export const renderPage = (input: ReportRun, content: Content): string => {
  const embedded = embedTables([parametersToEmbed(input), digestsToEmbed(input)], defaultTableBudget)
  const code = script()
  const hash = createHash("sha256").update(code).digest("base64")
  const head = element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    element("meta", {
      "http-equiv": "Content-Security-Policy",
      content: `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`
    }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("meta", { name: "generator", content: "asterism" }),
    element("meta", { name: "color-scheme", content: "light dark" }),
    element("link", { rel: "icon", href: "data:," }),
    element("title", {}, text(`${input.pipeline} · ${input.run.id} · Asterism report`)),
    element(
      "style",
      { id: "figure-style" },
      verbatim("style", `${paletteStyle()}\n${read(new URL("./figure.css", import.meta.url))}`)
    ),
    element("style", {}, verbatim("style", read(new URL("./page.css", import.meta.url))))
  )
  const body = element(
    "body",
    {},
    element("a", { href: "#main", class: "skip" }, text("Skip to the figures")),
    element(
      "div",
      { class: "page" },
      summary(input, content.findings, content.tables !== ""),
      element(
        "main",
        { id: "main" },
        content.figures,
        content.tables,
        nodesSections(input, embedded),
        provenanceSection(input, embedded)
      ),
      element(
        "footer",
        {},
        text(`Made by asterism ${input.run.versions["asterism"] ?? ""} from run ${input.run.id}. `),
        text("This page holds its data and makes no request.")
      )
    ),
    element("div", { id: "tip", role: "status", "aria-live": "polite", hidden: true }),
    content.data,
    ...[...embedded.values()].map((table) => table.script),
    element("script", {}, code)
  )
  return page(element("html", { lang: "en" }, head, body))
}

/** A whole report at once. */
export const renderReport = (input: ReportInput, options: { readonly tableBudget?: number } = {}): string =>
  renderPage(input, renderContent(input, options))
