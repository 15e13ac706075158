/** Removes what processes that are gone left behind: temporary files, scratch folders, presences. */
import * as fs from "node:fs"
import { join } from "node:path"
import { isProcessAlive, ownerOf } from "./processIdentity.ts"
import { livePresences } from "./presence.ts"

const day = 24 * 3600 * 1000

/**
 * Nothing of a live process goes, whatever its age. What a process of another machine left goes once that process has
 * no presence and the file is a day old by the file system's own stamps; without `now` it stays.
 */
export const sweep = (root: string, tmp: string, now: () => number | undefined): void => {
  const { owners, gone } = livePresences(root, now, { ids: false })
  for (const path of gone) fs.rmSync(path, { force: true })
  for (const name of fs.readdirSync(tmp)) {
    const owner = ownerOf(name)
    const alive = owner === undefined ? undefined : owners.has(owner) || isProcessAlive(owner)
    if (alive === true) continue
    const path = join(tmp, name)
    if (alive === false || isOld(path, now)) fs.rmSync(path, { recursive: true, force: true })
  }
}

/** A stamp more than a day ahead is as far from now as one more than a day ago. */
const isOld = (path: string, now: () => number | undefined): boolean => {
  const written = fs.lstatSync(path, { throwIfNoEntry: false })?.mtimeMs
  const time = written === undefined ? undefined : now()
  return time !== undefined && Math.abs(time - written!) > day
}
