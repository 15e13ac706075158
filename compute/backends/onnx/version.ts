/** The version of the installed onnxruntime-node, without loading it. */
import { createRequire } from "node:module"

export const engineVersion = (): string => {
  const require = createRequire(import.meta.url)
  return (require("onnxruntime-node/package.json") as { readonly version: string }).version
}
