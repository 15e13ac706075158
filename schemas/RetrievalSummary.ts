/** What several embeddings of one relevance matrix reach, side by side: a row for each setting and metric. */
import * as Kind from "./Kind.ts"

export const RetrievalSummary = Kind.table("RetrievalSummary", {
  description:
    "Margins by threshold (half gaps) with the proved bounds on them, and retrieval quality, of several settings.",
  columns: {
    setting: "utf8",
    metric: "utf8",
    value: "float64?",
    direction: "utf8",
    chance: "float64?",
    dims: "int32",
    n: "int32"
  }
})
