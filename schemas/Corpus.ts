/** A corpus: the things that views embed, one row each. */
import * as Kind from "./Kind.ts"

export const Corpus = Kind.table("Corpus", {
  description: "Texts by key, in a meaningful order (words by falling frequency).",
  columns: { key: "utf8", text: "utf8" }
})
