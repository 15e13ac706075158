/** What the run folders say: which runs there are, which are running, and what each one names. */
import * as fs from "node:fs"
import * as os from "node:os"
import { join } from "node:path"
import { expiry } from "./leases.ts"

export interface KnownRun {
  readonly id: string
  /** ISO 8601, or empty where run.json cannot be read. */
  readonly started: string
  readonly live: boolean
}

/** Newest first. */
export const knownRuns = (runs: string): ReadonlyArray<KnownRun> =>
  names(runs)
    .map((id) => {
      const file = parse(read(join(runs, id, "run.json")))
      const live = file.status === "running" && isRunning(join(runs, id), file.process)
      return { id, started: typeof file.started === "string" ? file.started : "", live }
    })
    .sort((a, b) => (a.started === b.started ? (a.id < b.id ? 1 : -1) : a.started < b.started ? 1 : -1))

/** Every digest and fingerprint that a run's own files name. */
export const namedBy = (runs: string, id: string): ReadonlySet<string> => {
  const ids = new Set<string>()
  for (const file of ["run.json", "events.jsonl"])
    for (const [found] of read(join(runs, id, file)).matchAll(/\b[0-9a-f]{64}\b/g)) ids.add(found)
  return ids
}

/** On this machine the process is looked up; a run of another machine counts as long as it writes events. */
const isRunning = (folder: string, process_: unknown): boolean => {
  const { host, pid } = parseObject(process_)
  if (host === os.hostname() && typeof pid === "number") {
    try {
      process.kill(pid, 0)
      return true
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM"
    }
  }
  const last = fs.statSync(join(folder, "events.jsonl"), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return Date.now() - last < quiet
}

/** A stage may compute for long without an event. */
const quiet = 60 * expiry

const names = (folder: string): ReadonlyArray<string> => {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}

const read = (path: string): string => {
  try {
    return fs.readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

const parse = (text: string): Record<string, unknown> => {
  try {
    return parseObject(JSON.parse(text))
  } catch {
    return {}
  }
}

const parseObject = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}
