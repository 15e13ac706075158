/**
 * Margins, certificates and retrieval quality of several embeddings side by side, one number a row, so that `asterism
 * diff` compares them between runs. Settings are named as their tables are wired: the same names for both inputs.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { MarginScores } from "../../schemas/MarginScores.ts"
import { RetrievalQuality } from "../../schemas/RetrievalQuality.ts"
import { RetrievalSummary } from "../../schemas/RetrievalSummary.ts"

type Row = ValueOf<typeof RetrievalSummary>[number]

export const summary = Stage.make("retrieval/summary", {
  description: "Margins, proved bounds and retrieval quality of several embeddings side by side.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { margins: Stage.each(MarginScores), quality: Stage.each(RetrievalQuality) },
  outputs: { summary: RetrievalSummary },
  run: Effect.fn("retrieval/summary")(function* ({ inputs }) {
    const rows: Array<Row> = []
    const dimsOf = new Map<string, number>()
    for (const { artifact, name: setting } of inputs.margins) {
      for (const row of (yield* artifact.read).rows) {
        const { dims, margin, threshold, upperBound } = row
        dimsOf.set(setting, dims)
        const shared = { setting, direction: "higher", chance: null, dims, n: row.rows }
        rows.push({ ...shared, metric: `${threshold} margin`, value: margin })
        rows.push({ ...shared, metric: `bound on the ${threshold} margin`, value: upperBound })
      }
    }
    for (const { artifact, name: setting } of inputs.quality) {
      for (const { chance, metric, queries, value } of (yield* artifact.read).rows) {
        const dims = dimsOf.get(setting) ?? 0
        rows.push({ setting, metric, value, direction: "higher", chance, dims, n: queries })
      }
    }
    return { summary: rows }
  })
})

export default summary
