/** What `gc` removes besides records and objects: checkpoints nobody needs, and what earlier versions left half written. */
import * as fs from "node:fs"
import { join } from "node:path"
import type { Layout } from "./layout.ts"
import { runFolders } from "./runFolders.ts"

/** `needed` names fingerprints whose checkpoints stay. */
export const removeLeftOvers = (
  layout: Layout,
  needed: ReadonlySet<string>,
  liveRuns: ReadonlySet<string>
): void => {
  for (const fingerprint of namesIn(layout.checkpoints))
    if (!needed.has(fingerprint)) remove(join(layout.checkpoints, fingerprint))
  // Names of earlier versions; files are now made in tmp/, under names that are swept.
  for (const id of runFolders(layout.runs)) {
    if (liveRuns.has(id)) continue
    for (const name of namesIn(join(layout.runs, id)))
      if (/^run\.json\.\d+\.tmp$/.test(name)) remove(join(layout.runs, id, name))
  }
  const reports = join(layout.root, "reports")
  for (const name of namesIn(reports)) if (/\.html\.\d+$/.test(name)) remove(join(reports, name))
}

/** Links are removed, never followed. */
const remove = (path: string): void => fs.rmSync(path, { recursive: true, force: true })

const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}
