/** How it was computed: the graph, what each node is, and every parameter. */
import type { EmbeddedTable, TableToEmbed } from "../embed.ts"
import { anchorOf, drawGraph } from "../dag/draw.ts"
import type { ReportRun, ReportNode, ReportOutput } from "../input.ts"
import { element, joined, text, type Markup } from "../markup.ts"
import { formatNumber, formatSeconds } from "../numbers.ts"
import { dataTable, downloadButton, fileName } from "./dataTable.ts"

/** Nodes listed one by one. */
const mostEntries = 1000

export const shortDigest = (digest: string): string => digest.slice(0, 12)

/** A digest, shortened; the whole is in its title and is what is copied. */
export const digestCode = (digest: string): Markup =>
  element("code", { class: "digest", title: digest, "data-copy": digest }, text(shortDigest(digest)))

/** Rows and dimensions as a person says them: `5,000 × 100`, `240 rows`. */
export const extentOf = (output: ReportOutput): string =>
  output.rows === null
    ? ""
    : output.dims === null
      ? `${formatNumber(output.rows)} ${output.rows === 1 ? "row" : "rows"}`
      : `${formatNumber(output.rows)} × ${formatNumber(output.dims)}`

const valueText = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined")

const shortValue = (value: unknown): string => {
  const full = valueText(value)
  return full.length > 300 ? `${full.slice(0, 297)}…` : full
}

const pairs = (rows: ReadonlyArray<readonly [string, Markup]>): Markup =>
  element(
    "dl",
    { class: "pairs" },
    ...rows.flatMap(([name, value]) => [element("dt", {}, text(name)), element("dd", {}, value)])
  )

const outputsByHandle = (nodes: ReadonlyArray<ReportNode>): ReadonlyMap<string, ReportOutput> =>
  new Map(
    nodes.flatMap((node) =>
      Object.entries(node.outputs).map(([name, output]) => [`${node.name}.${name}`, output] as const)
    )
  )

const part = (title: string, content: Markup): Markup =>
  content === "" ? "" : element("div", {}, element("h5", {}, text(title)), content)

const acceptedPairs = ({ accepted }: ReportNode): ReadonlyArray<readonly [string, Markup]> =>
  accepted === undefined
    ? []
    : [
        ["why", text(accepted.why)],
        ["by", text(`${accepted.who}, ${accepted.when.slice(0, 16).replace("T", " ")} UTC`)],
        ["differed", text(accepted.differed.map((reason) => reason.text).join("; "))]
      ]

const nodeEntry = (node: ReportNode, outputs: ReadonlyMap<string, ReportOutput>): Markup => {
  const inputs = Object.entries(node.inputs)
  const params = Object.entries(node.params)
  return element(
    "article",
    { id: anchorOf(node.name), class: "node" },
    element(
      "h4",
      {},
      text(node.name),
      text(" "),
      element("span", { class: "note" }, element("code", {}, text(node.stage)))
    ),
    element("p", {}, text(node.description)),
    element(
      "div",
      { class: "columns" },
      part(
        "Run",
        pairs([
          ["status", text(node.status)],
          ...acceptedPairs(node),
          ["time", text(formatSeconds(node.seconds))],
          ["fingerprint", node.fingerprint === "" ? text("–") : digestCode(node.fingerprint)]
        ])
      ),
      part(
        "Parameters",
        params.length === 0
          ? ""
          : pairs(
              params.map(([name, value]) => [name, element("code", {}, text(shortValue(value)))] as const)
            )
      ),
      part(
        "Inputs",
        inputs.length === 0
          ? ""
          : pairs(
              inputs.map(([name, source]) => {
                const output = outputs.get(source)
                return [
                  name,
                  joined(
                    [
                      element("code", {}, text(source)),
                      ...(output === undefined ? [] : [digestCode(output.digest)])
                    ],
                    " "
                  )
                ] as const
              })
            )
      ),
      part(
        "Outputs",
        pairs(
          Object.entries(node.outputs).map(
            ([name, output]) =>
              [
                name,
                joined([text(`${output.kind} ${extentOf(output)}`), digestCode(output.digest)], " ")
              ] as const
          )
        )
      )
    )
  )
}

/** Every parameter of every node, to be embedded. */
export const parametersToEmbed = (input: ReportRun): TableToEmbed => {
  const rows = input.nodes.flatMap((node) =>
    Object.entries(node.params).map(([name, value]) => [node.name, node.stage, name, valueText(value)])
  )
  return {
    id: "parameters",
    fileName: fileName(input.pipeline, "parameters"),
    table: { columns: ["node", "stage", "parameter", "value"], rows },
    total: rows.length
  }
}

/** The sections "How it was computed" and "Parameters". */
export const nodesSections = (input: ReportRun, embedded: ReadonlyMap<string, EmbeddedTable>): Markup => {
  const outputs = outputsByHandle(input.nodes)
  const parameters = embedded.get("parameters")!
  return joined([
    element(
      "section",
      { id: "graph" },
      element("h2", {}, text("How it was computed")),
      element(
        "p",
        { class: "note" },
        text(
          "Each box is a node of the pipeline; arrows carry artifacts. Choose a box to see its parameters, inputs, outputs and digests."
        )
      ),
      drawGraph(input.nodes),
      element("div", { id: "node-panel", "aria-live": "polite" }),
      input.nodes.length === 0
        ? ""
        : element(
            "details",
            { class: "all-nodes" },
            element("summary", {}, text(`All nodes (${formatNumber(input.nodes.length)})`)),
            ...input.nodes.slice(0, mostEntries).map((node) => nodeEntry(node, outputs)),
            input.nodes.length > mostEntries
              ? element(
                  "p",
                  { class: "note" },
                  text(`The first ${formatNumber(mostEntries)} nodes; the tables below have all.`)
                )
              : ""
          )
    ),
    parameters.total === 0
      ? ""
      : element(
          "section",
          { id: "parameters" },
          element("h2", {}, text("Parameters")),
          element("div", { class: "tools" }, downloadButton(parameters)),
          dataTable(parameters, parametersToEmbed(input).table, "Every parameter of every node")
        )
  ])
}
