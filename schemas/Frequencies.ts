/** How often each word occurs in a reference corpus. */
import * as Kind from "./Kind.ts"

export const Frequencies = Kind.table("Frequencies", {
  description: "Occurrences of each word; `frequency` is the share of all occurrences, in (0, 1].",
  columns: { key: "utf8", count: "float64", frequency: "float64" }
})
