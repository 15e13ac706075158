/** Writes docs/results/compute.md from a full run of the bench. */
import { mkdirSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { dateAndCommit } from "../provenance.ts"
import type { Encoded } from "./encoding.ts"
import type { Row } from "./timing.ts"

export interface Results {
  /** Our speed over that of the fastest PyTorch row, by case. */
  readonly ratios: { readonly [name: string]: number }
  readonly rows: ReadonlyArray<Row>
  readonly checks: { readonly [check: string]: number }
  readonly bytesPerStep: { readonly [name: string]: number }
  readonly encoded?: Encoded
  readonly machine: string
}

/** What the project aims at. GEMM: within 15 %. */
const aims: { readonly [name: string]: number } = { sae: 2, contrastive: 1.2, gemm: 0.85 }

const tools: { readonly [tool: string]: string } = {
  asterism: "asterism",
  "sae-dense": "PyTorch, as the reference writes it",
  "sae-sparse": "PyTorch, sparse decoder and backward (index_add)",
  "sae-spmm": "PyTorch, sparse decoder and backward (sparse.mm)",
  contrastive: "PyTorch",
  gemm: "PyTorch"
}

export const writeResults = (
  { ratios, rows, checks, bytesPerStep, encoded, machine }: Results,
  cases: ReadonlyArray<{ readonly name: string; readonly title: string }>
): void => {
  const sections = cases.flatMap(({ name, title }) => {
    const ratio = ratios[name]
    if (ratio === undefined) return []
    const aim = aims[name]!
    return [
      `## ${title}`,
      "",
      "| | median (ms) | blocks (ms) |",
      "|---|---|---|",
      ...rows
        .filter((row) => row.case === name)
        .map(
          ({ tool, seconds, median }) =>
            `| ${tools[tool] ?? tool} | ${(median * 1000).toFixed(1)} | ${seconds.map((s) => (s * 1000).toFixed(0)).join(", ")} |`
        ),
      "",
      `**${ratio.toFixed(2)}×** the speed of the faster PyTorch row (aim: ${aim}×, ${ratio >= aim ? "reached" : "missed"}); ${bytesPerStep[name]!.toLocaleString("en")} bytes cross into JavaScript a step.`,
      ""
    ]
  })
  const text = [
    "# Compute: results",
    "",
    `Written ${dateAndCommit()} by \`npm run bench:compute\`; ${machine}.`,
    "",
    "Blocks of steps alternate between the sides on the same cores; a block counts its median step, a row the median of its blocks.",
    "",
    ...sections,
    "## Agreement with PyTorch, from the same start",
    "",
    "| check | measured |",
    "|---|---|",
    ...Object.entries(checks).map(([check, value]) => `| ${check} | ${value.toExponential(1)} |`),
    ...(encoded === undefined
      ? []
      : [
          "",
          "## Encoding a large view",
          "",
          "| rows × d | features | k | seconds | peak resident memory | aim |",
          "|---|---|---|---|---|---|",
          `| ${encoded.rows.toLocaleString("en")} × ${encoded.dims} | ${encoded.features.toLocaleString("en")} | ${encoded.k} | ${encoded.seconds.toFixed(1)} | ${encoded.peakMegabytes.toLocaleString("en")} MB | 2,000 MB, ${encoded.peakMegabytes <= 2000 ? "reached" : "missed"} |`,
          "",
          "Through the stage `sae/encode` in a process of its own: the view read from its Arrow file by blocks, the codes written to theirs."
        ])
  ].join("\n")
  const path = fileURLToPath(new URL("../../docs/results/compute.md", import.meta.url))
  mkdirSync(fileURLToPath(new URL("../../docs/results", import.meta.url)), { recursive: true })
  writeFileSync(path, `${text}\n`)
}
