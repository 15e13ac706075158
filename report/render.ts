/**
 * The report of a run: one HTML file that works offline. Everything is inside it: pictures, data, style and script; its
 * content security policy forbids any request and any script but its own.
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { embedTables } from "./embed.ts"
import { paletteStyle } from "./figures/palette.ts"
import type { ReportInput } from "./input.ts"
import { element, text } from "./markup.ts"
import { drawAll, figureSection } from "./page/figures.ts"
import { nodesSections, parametersToEmbed } from "./page/nodes.ts"
import { digestsToEmbed, provenanceSection } from "./page/provenance.ts"
import { summary } from "./page/summary.ts"
import { tablesSection, tablesToEmbed } from "./page/tables.ts"

const read = (url: URL): string => readFileSync(url, "utf8")

/** The page's script: plain files joined in one function, so that nothing leaks into the page. */
const script = (): string =>
  `(() => {\n"use strict"\n${[
    read(new URL("./client/format.js", import.meta.url)),
    read(new URL("./client/data.js", import.meta.url)),
    read(new URL("./client/tables.js", import.meta.url)),
    read(new URL("./client/marks.js", import.meta.url)),
    read(new URL("./client/pictures.js", import.meta.url)),
    read(new URL("./client/turn.js", import.meta.url)),
    read(new URL("./client/page.js", import.meta.url))
  ]
    .join("\n")
    .replaceAll("</script", "<\\/script")}\n})()\n`

/** Characters of table data a page may hold by default. */
export const defaultTableBudget = 4_000_000

/** Renders a report. Pure: equal inputs give equal pages. */
export const renderReport = (input: ReportInput, options: { readonly tableBudget?: number } = {}): string => {
  const figures = drawAll(input.figures, input.pipeline)
  const embedded = embedTables(
    [
      ...figures.flatMap(({ tables }) => tables),
      ...tablesToEmbed(input.tables, input.pipeline),
      parametersToEmbed(input),
      digestsToEmbed(input)
    ],
    options.tableBudget ?? defaultTableBudget
  )
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
      `${paletteStyle()}\n${read(new URL("./figure.css", import.meta.url))}`
    ),
    element("style", {}, read(new URL("./page.css", import.meta.url)))
  )
  const body = element(
    "body",
    {},
    element("a", { href: "#main", class: "skip" }, "Skip to the figures"),
    element(
      "div",
      { class: "page" },
      summary(input, figures),
      element(
        "main",
        { id: "main" },
        figures.length === 0
          ? ""
          : element("h2", {}, "Figures") + figures.map((drawn) => figureSection(drawn, embedded)).join("\n"),
        tablesSection(input.tables, embedded),
        nodesSections(input, embedded),
        provenanceSection(input, embedded)
      ),
      element(
        "footer",
        {},
        text(`Made by asterism ${input.run.versions["asterism"] ?? ""} from run ${input.run.id}. `),
        "This page holds its data and makes no request."
      )
    ),
    element("div", { id: "tip", role: "status", "aria-live": "polite", hidden: true }),
    ...[...embedded.values()].map((table) => table.script),
    `<script>${code}</script>`
  )
  return `<!doctype html>\n${element("html", { lang: "en" }, head, body)}\n`
}
