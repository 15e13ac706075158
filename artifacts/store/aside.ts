/** Moving what is damaged out of the way: into `quarantine/`, under its name and the time. */
import * as fs from "node:fs"
import { basename, join } from "node:path"
import { ArtifactError } from "../../schemas/errors.ts"
import { messageOf } from "../failures.ts"
import { isId, type Layout } from "./layout.ts"

let count = 0

/** False where there is nothing. Throws `ArtifactError` (unwritable) where it cannot be moved. */
export const setAside = (layout: Layout, path: string): boolean => {
  const name = `${basename(path)}.${Date.now()}-${process.pid}-${count++}`
  try {
    if (fs.lstatSync(path, { throwIfNoEntry: false }) === undefined) return false
    if (!fs.existsSync(layout.quarantine)) fs.mkdirSync(layout.quarantine, { recursive: true })
    fs.renameSync(path, join(layout.quarantine, name))
    return true
  } catch (error) {
    // Another process was faster.
    if (fs.lstatSync(path, { throwIfNoEntry: false }) === undefined) return false
    throw new ArtifactError({
      reason: "unwritable",
      path,
      detail: `A damaged file of the store cannot be moved to quarantine (${messageOf(error)}).`,
      next: "make the store writable for this user, or have its owner run the same command"
    })
  }
}

/** Something other than a file in a file's place would keep the file from being written. */
export const makeWay = (layout: Layout, path: string): void => {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat !== undefined && !stat.isFile()) setAside(layout, path)
}

/** Ids whose files are in quarantine, and when the last of each was put there, in milliseconds; manifests left out. */
export const setAsideBefore = (layout: Layout): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  for (const name of fs.existsSync(layout.quarantine) ? fs.readdirSync(layout.quarantine) : []) {
    const id = name.slice(0, 64)
    const time = Number(/\.(\d{10,16})-\d+(?:-\d+)?$/.exec(name)?.[1])
    if (!isId(id) || name.startsWith(`${id}.manifest.json.`) || !(time > 0)) continue
    found.set(id, Math.max(time, found.get(id) ?? 0))
  }
  return found
}
