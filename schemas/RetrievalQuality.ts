/** How well embeddings rank: one row for each metric and cut-off. */
import * as Kind from "./Kind.ts"

export const RetrievalQuality = Kind.table("RetrievalQuality", {
  description:
    "Recall@k, MRR@k and nDCG@k (gain 1 a relevant document, discount 1/log2(rank + 1)) over queries with a relevant document; ties rank the relevant last.",
  columns: {
    /** `recall@2`, `mrr@10`, `ndcg@10`. */
    metric: "utf8",
    k: "int32",
    value: "float64",
    direction: "utf8",
    chance: "float64?",
    queries: "float64",
    definition: "utf8"
  }
})
