/** What a dictionary found of a world whose truth is known. */
import * as Kind from "./Kind.ts"

export const Recovery = Kind.table("Recovery", {
  description:
    "For each true direction the nearest feature of a dictionary, |cos|, whether it counts as found, and |cos| with the nearest of as many random directions.",
  columns: { attribute: "utf8", feature: "int32", cosine: "float64", found: "boolean", chance: "float64" }
})
