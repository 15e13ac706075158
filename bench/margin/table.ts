/**
 * Writes docs/results/retrieval.md from what the benches of this folder measured and left under docs/results:
 * `node bench/run.mjs bench/margin/table.ts`. Nothing is computed here but ratios, counts and sums.
 */
import { writeFileSync } from "node:fs"
import { dateAndCommit, processor } from "../provenance.ts"
import { codes, comparison, grid, portfolio } from "./searchSections.ts"
import { bounds, large, limit, recipes, time } from "./sections.ts"

const sections = [
  portfolio(),
  comparison(),
  codes(),
  grid(),
  time(),
  recipes(),
  bounds(),
  limit(),
  large()
].filter((section) => section !== undefined)
writeFileSync(
  "docs/results/retrieval.md",
  [
    "# Retrieval margins: what was measured",
    "",
    `Written ${dateAndCommit()} by \`node bench/run.mjs bench/margin/table.ts\`, from the files \`retrieval-*\` beside it, which the scripts of \`bench/margin\` named below wrote (\`node bench/run.mjs bench/margin/<script>\`, \`--help\` says with which options) on this machine: ${processor()}, Node ${process.versions.node}. Margins are half gaps.`,
    ...sections.flatMap((section) => ["", ...section]),
    ""
  ].join("\n")
)
