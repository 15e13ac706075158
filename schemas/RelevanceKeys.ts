/** The names of a relevance matrix's rows and columns, in order, and how many queries each distinct row stands for. */
import * as Kind from "./Kind.ts"

export const RelevanceKeys = Kind.table("RelevanceKeys", {
  description:
    "Query and document names in matrix order; `weight` counts the queries that had a row (1 for documents).",
  columns: { side: "utf8", key: "utf8", weight: "float64" }
})
