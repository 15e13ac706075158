/** What lies in the shards of a store: one listing a folder, whatever the number of files. */
import * as fs from "node:fs"
import { join } from "node:path"
import { isId } from "./layout.ts"

export interface Listed {
  readonly path: string
  /** What follows the id in the file's name: `.arrow`, `.manifest.json`. */
  readonly rest: string
}

/** Id → its files, in `objects/` or `records/`. Links to folders are not followed. */
export const listShards = (folder: string): ReadonlyMap<string, ReadonlyArray<Listed>> => {
  const found = new Map<string, Array<Listed>>()
  for (const entry of entriesOf(folder)) {
    if (!entry.isDirectory()) continue
    const shard = join(folder, entry.name)
    for (const { name } of entriesOf(shard)) {
      const id = name.slice(0, 64)
      if (!isId(id)) continue
      const file = { path: join(shard, name), rest: name.slice(64) }
      const known = found.get(id)
      if (known === undefined) found.set(id, [file])
      else known.push(file)
    }
  }
  return found
}

const entriesOf = (folder: string): ReadonlyArray<fs.Dirent> => {
  try {
    return fs.readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw error
  }
}
