/** Keys in a text file, one a line; a line may be empty, and the last one may end with a line break or not. */
import { checkFile } from "./fileError.ts"
import { detached, forEachLine } from "./textLines.ts"

export const readKeys = (path: string): ReadonlyArray<string> => {
  checkFile(path)
  const keys: Array<string> = []
  forEachLine(path, (text) => keys.push(detached(text)))
  return keys
}
