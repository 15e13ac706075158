/**
 * How close the dimension-free bounds come: `node bench/run.mjs bench/margin/bounds.ts [--limit folder] [--out file.jsonl]`.
 *
 * Complete graphs, random graphs with a tenth of all pairs, and LIMIT-small where its folder is given: for each of the
 * three thresholds the margin of an embedding, the certified upper bound, the gap and the seconds. One JSON line a
 * matrix and threshold, appended; matrices that the file already has are skipped.
 */
import * as Effect from "effect/Effect"
import { readRelevance } from "../../artifacts/files/readRelevance.ts"
import { dimensionFree } from "../../compute/margin/bound/dimensionFree.ts"
import { fromLists, type Relevance } from "../../compute/margin/Relevance.ts"
import { relevanceOfText } from "../../compute/margin/relevanceText.ts"
import { appendLine, now, option, pathOf, readLines, type Measured } from "./results.ts"

export interface BoundRow extends Partial<Measured> {
  readonly matrix: string
  readonly rows: number
  readonly columns: number
  readonly threshold: string
  readonly lower: number
  readonly upper: number
  readonly gap: number
  readonly seconds: number
}

const out = option("out") ?? pathOf("bounds.jsonl")
const nameOf = ({ matrix, threshold }: Pick<BoundRow, "matrix" | "threshold">): string =>
  `${matrix} ${threshold}`
const done = new Set(readLines<BoundRow>(out).map(nameOf))
const thresholds = ["zero", "global", "row"] as const

const measure = (matrix: string, make: () => Relevance): void => {
  const left = thresholds.filter((threshold) => !done.has(nameOf({ matrix, threshold })))
  if (left.length === 0) return
  const a = make()
  for (const threshold of left) {
    const started = performance.now()
    const { lower, upper } = dimensionFree(a, threshold)
    const row: BoundRow = {
      matrix,
      rows: a.rows,
      columns: a.columns,
      threshold,
      lower: lower!,
      upper: upper!,
      gap: (upper! - lower!) / upper!,
      seconds: (performance.now() - started) / 1000,
      ...now()
    }
    appendLine(out, row)
    console.log(JSON.stringify(row))
  }
}

for (const k of [1, 2, 3]) {
  for (const n of [20, 60, 120, 240]) {
    const text = `complete:${n},${k}`
    measure(text, () => relevanceOfText(text)!)
  }
}
for (const n of [20, 40, 80, 120]) {
  const text = `random:${n},2,${Math.floor((0.1 * n * (n - 1)) / 2)},0`
  measure(text, () => relevanceOfText(text)!)
}
const folder = option("limit")
if (folder !== undefined) {
  const { documents, relevant } = await Effect.runPromise(readRelevance(folder))
  measure("LIMIT-small", () => fromLists(documents.length, relevant))
}
