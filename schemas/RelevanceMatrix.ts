/** A relevance matrix: which documents each query asks for. Stored entries are relevant; equal rows are kept once. */
import * as Kind from "./Kind.ts"

export const RelevanceMatrix = Kind.sparse("RelevanceMatrix", {
  description: "Relevant documents (columns) of each distinct query row; binary."
})
