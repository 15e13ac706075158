/** An npm package as the registry serves it, pinned by version and integrity hash: how data sets come in. */
import * as Kind from "./Kind.ts"

export const Package = Kind.file("Package", {
  description: "The tarball of one pinned npm package.",
  media: { type: "application/gzip", extension: "tgz" }
})
