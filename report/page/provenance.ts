/** Provenance: where, when and with what the run was made, every digest, and the command that makes it again. */
import type { EmbeddedTable, TableToEmbed } from "../embed.ts"
import type { ReportRun } from "../input.ts"
import { element, joined, text, type Markup } from "../markup.ts"
import { formatSeconds } from "../numbers.ts"
import { dataTable, downloadButton, fileName } from "./dataTable.ts"

/** One row an output: the node's fingerprint, the artifact's digest, and what it was made from. */
export const digestsToEmbed = (input: ReportRun): TableToEmbed => {
  const digests = new Map<string, string>(
    input.nodes.flatMap((node) =>
      Object.entries(node.outputs).map(([name, output]) => [`${node.name}.${name}`, output.digest] as const)
    )
  )
  const rows = input.nodes.flatMap((node) =>
    Object.entries(node.outputs).map(([name, output]) => [
      node.name,
      node.stage,
      node.status,
      node.seconds,
      name,
      output.kind,
      output.rows,
      output.dims,
      output.digest,
      node.fingerprint,
      Object.entries(node.inputs)
        .map(([into, source]) => `${into}=${digests.get(source) ?? source}`)
        .join(" ")
    ])
  )
  return {
    id: "digests",
    fileName: fileName(input.pipeline, "digests"),
    table: {
      columns: [
        "node",
        "stage",
        "status",
        "seconds",
        "output",
        "kind",
        "rows",
        "dims",
        "digest",
        "fingerprint",
        "made from"
      ],
      rows
    },
    total: rows.length
  }
}

const list = (title: string, entries: ReadonlyArray<readonly [string, string]>): Markup =>
  entries.length === 0
    ? ""
    : element(
        "div",
        {},
        element("h4", {}, text(title)),
        element(
          "dl",
          { class: "pairs" },
          ...entries.flatMap(([name, value]) => [
            element("dt", {}, text(name)),
            element("dd", {}, text(value))
          ])
        )
      )

/** The section "Provenance". */
export const provenanceSection = (input: ReportRun, embedded: ReadonlyMap<string, EmbeddedTable>): Markup => {
  const digests = embedded.get("digests")!
  const { run } = input
  return element(
    "section",
    { id: "provenance" },
    element("h2", {}, text("Provenance")),
    element("p", {}, text("This run can be made again, byte for byte on the same kind of machine, with:")),
    element(
      "div",
      { class: "command" },
      element("pre", {}, element("code", {}, text(run.command))),
      element("button", { type: "button", class: "download", "data-copy": run.command }, text("Copy"))
    ),
    element(
      "div",
      { class: "columns" },
      list("Run", [
        ["id", run.id],
        ["started", run.started],
        ["took", formatSeconds(run.seconds)],
        ["seed", String(run.seed)]
      ]),
      list("Versions", Object.entries(run.versions)),
      list("Machine", Object.entries(run.host))
    ),
    digests.total === 0
      ? ""
      : joined([
          element("h3", {}, text("Artifacts")),
          element(
            "p",
            { class: "note" },
            text(
              "Artifacts are named by the SHA-256 of their bytes; a fingerprint is the hash of everything a node's result depends on."
            )
          ),
          element("div", { class: "tools" }, downloadButton(digests)),
          dataTable(digests, digestsToEmbed(input).table, "Artifacts and their digests")
        ])
  )
}
