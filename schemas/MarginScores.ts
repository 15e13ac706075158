/** Margins of embeddings of a relevance matrix, three ways, beside their proved bounds. */
import * as Kind from "./Kind.ts"

export const MarginScores = Kind.table("MarginScores", {
  description:
    "Half gaps by threshold (zero, global, row) of one pair of embeddings, less nothing; `roundingBound` bounds their rounding error, `upperBound` is proved (dimension-free or packing).",
  columns: {
    method: "utf8",
    rows: "int32",
    documents: "int32",
    dims: "int32",
    threshold: "utf8",
    margin: "float64?",
    roundingBound: "float64",
    relativeBias: "float64?",
    upperBound: "float64?",
    boundedBy: "utf8?",
    gap: "float64?",
    rankedRight: "float64",
    oneClassRows: "int32",
    /** JSON of every parameter of the training that made the embeddings; null where nothing was trained. */
    recipe: "utf8?"
  }
})
