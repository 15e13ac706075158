/** A matrix file as a command line names it: a path, or a path and the file of its keys, `a.npy:keys.txt`. */
import { existsSync } from "node:fs"
import { extname } from "node:path"
import { readable } from "./readMatrix.ts"

export interface FileArgument {
  readonly path: string
  readonly keys?: string
}

/** A file of that very name comes first; then the last colon whose left side is a file, or is named like one that is read. */
export const fileArgument = (text: string): FileArgument => {
  if (existsSync(text)) return { path: text }
  const colons = Array.from(text.matchAll(/:/g), ({ index }) => index).toReversed()
  const split = (fits: (path: string) => boolean): FileArgument | undefined => {
    const at = colons.find((at) => at < text.length - 1 && fits(text.slice(0, at)))
    return at === undefined ? undefined : { path: text.slice(0, at), keys: text.slice(at + 1) }
  }
  return split(existsSync) ?? split((path) => readable(extname(path))) ?? { path: text }
}
