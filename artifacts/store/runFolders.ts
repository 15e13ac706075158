/** What the run folders say: which runs there are, in which order, which are going on, and what each one names. */
import * as fs from "node:fs"
import { join } from "node:path"
import * as Schema from "effect/Schema"
import { livePresences } from "./presence.ts"
import { Identity, isProcessAlive, ownerKey } from "./processIdentity.ts"

/**
 * A run's number among the runs of its store, the last part of its id: `r261124-231247-04f3a-17`. Each new run gets one
 * more than the largest there is, so the order of runs follows no clock. 0 for runs of before there were numbers.
 */
export const runNumber = (id: string): number =>
  Number(/^r\d{6}-\d{6}-[0-9a-f]+-(\d{1,15})$/.exec(id)?.[1] ?? 0)

/** Of runs that began at the same time, and of those without a number, the id decides. */
const byOrder = (a: string, b: string): number => runNumber(a) - runNumber(b) || (a < b ? -1 : a > b ? 1 : 0)

/** The folders in `runs/`, oldest run first. Links are no runs: nothing outside the store is followed. */
export const runFolders = (runs: string): ReadonlyArray<string> => {
  try {
    return fs
      .readdirSync(runs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort(byOrder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw error
  }
}

const decodeIdentity = Schema.decodeUnknownOption(Identity)

/**
 * Whether the process that a run.json names lives: as a process of this machine, else by its presence. One that does
 * not tell its machine and start time (runs of earlier versions, a damaged file) does not.
 */
export const isRunProcessAlive = (root: string, process: unknown, now: () => number | undefined): boolean => {
  const identity = decodeIdentity(process)
  if (identity._tag === "None") return false
  const owner = ownerKey(identity.value)
  return isProcessAlive(owner) ?? livePresences(root, now, { ids: false, owner }).owners.size > 0
}

/** Whether a run's own file says that it is going on, and the process it names lives. */
export const saysItRuns = (root: string, folder: string, now: () => number | undefined): boolean => {
  const path = join(folder, "run.json")
  // The nodes come last and may be many: whether it runs is told before them.
  if (!/"status":\s*"running"/.test(beginning(path))) return false
  try {
    const { status, process } = JSON.parse(fs.readFileSync(path, "utf8")) as Record<string, unknown>
    return status === "running" && isRunProcessAlive(root, process, now)
  } catch {
    // It cannot be read: if its process lives, its presence holds what it needs.
    return false
  }
}

const beginning = (path: string): string => {
  let file: number
  try {
    file = fs.openSync(path, "r")
  } catch {
    return ""
  }
  try {
    const bytes = Buffer.alloc(1 << 16)
    const text = bytes.toString("latin1", 0, fs.readSync(file, bytes))
    return text.includes('"nodes"') ? text : text + fs.readFileSync(file, "latin1")
  } catch {
    return ""
  } finally {
    fs.closeSync(file)
  }
}

/** Every digest and fingerprint that can still be read in a run's own files. */
export const namedBy = (folder: string): ReadonlySet<string> => {
  const ids = new Set<string>()
  for (const file of ["run.json", "events.jsonl"])
    for (const [found] of read(join(folder, file)).matchAll(/\b[0-9a-f]{64}\b/g)) ids.add(found)
  return ids
}

const read = (path: string): string => {
  try {
    return fs.readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
