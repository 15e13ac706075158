/** Which row of another view each row belongs to: an image's class, say. */
import * as Kind from "./Kind.ts"

export const Labels = Kind.table("Labels", {
  description: "For each key, the key of its partner in the other view.",
  columns: { key: "utf8", label: "utf8" }
})
