/** What no embedding in any dimension can exceed, by threshold, with a margin that is reached. */
import * as Kind from "./Kind.ts"

export const MarginBounds = Kind.table("MarginBounds", {
  description:
    "Dimension-free margins (half gaps) by threshold: `lower` reached by embeddings, `upper` proved by dual weights; null where the threshold has no meaning for the matrix.",
  columns: {
    threshold: "utf8",
    lower: "float64?",
    upper: "float64?",
    gap: "float64?",
    dual: "utf8",
    rows: "int32",
    documents: "int32"
  }
})
