/** Runs on disk: listing them, loading one, and how far a live one is. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { Store } from "../../artifacts/Store.ts"
import { unreadable } from "../../artifacts/failures.ts"
import { fileSystemNow } from "../../artifacts/store/durable.ts"
import { isRunProcessAlive, runFolders } from "../../artifacts/store/runFolders.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import { InputError } from "../../schemas/errors.ts"
import { RunEvent } from "./events.ts"
import type { NodeStatus, RunNode } from "./RunFile.ts"
import { RunFile } from "./RunFile.ts"
import { runsFolder } from "./RunFolder.ts"
import { countsOf } from "./run.ts"

export interface RunSummary {
  readonly id: string
  readonly pipeline: string
  /** `stopped`: it says it runs, but its process is gone. */
  readonly status: RunFile["status"] | "stopped"
  /** ISO 8601, UTC. */
  readonly started: string
  readonly seconds: number | null
  readonly counts: RunFile["counts"]
  readonly command: ReadonlyArray<string>
  readonly directory: string
}

export interface LoadedRun {
  /** As written; for a run that is going on or was killed, brought up to date from its events. */
  readonly file: RunFile
  readonly status: RunSummary["status"]
  readonly directory: string
  readonly events: Effect.Effect<ReadonlyArray<RunEvent>, ArtifactError>
}

/** A node that is being worked on. */
export interface LiveNode {
  readonly node: string
  readonly stage: string
  readonly state: "running" | "waiting"
  readonly done: number | null
  readonly total: number | null
  readonly note: string | null
  /** Milliseconds since 1970 (UTC). */
  readonly startedAt: number
}

/** A run that is going on, as far as its events tell. */
export interface LiveStatus {
  readonly run: RunSummary
  readonly nodes: number
  readonly finished: number
  readonly active: ReadonlyArray<LiveNode>
}

const { nodes: _, ...headFields } = RunFile.fields
const decodeHead = Schema.decodeUnknownExit(Schema.Struct(headFields))
const decodeFile = Schema.decodeUnknownExit(RunFile)
const decodeEvent = Schema.decodeUnknownExit(RunEvent)

// --- reading ---------------------------------------------------------------------------------------------------

/** Oldest first. */
const runIds = (storeRoot: string): Effect.Effect<ReadonlyArray<string>, ArtifactError> =>
  Effect.try({
    try: () => runFolders(runsFolder(storeRoot)).filter((name) => /^r\d{6}-\d{6}-/.test(name)),
    catch: unreadable(runsFolder(storeRoot))
  })

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, "utf8"))
  } catch {
    return undefined
  }
}

const statusOf = (storeRoot: string, file: Pick<RunFile, "status" | "process">): RunSummary["status"] => {
  const now = fileSystemNow(join(storeRoot, "tmp"))
  return file.status === "running" && !isRunProcessAlive(storeRoot, file.process, now)
    ? "stopped"
    : file.status
}

/** The events so far; a line that was torn by a kill is left out. */
const readEvents = (directory: string): Effect.Effect<ReadonlyArray<RunEvent>, ArtifactError> =>
  Effect.try({
    try: () => {
      const path = join(directory, "events.jsonl")
      return readFileSync(path, "utf8")
        .split("\n")
        .flatMap((line) => {
          if (line === "") return []
          try {
            const event = decodeEvent(JSON.parse(line))
            return Exit.isSuccess(event) ? [event.value] : []
          } catch {
            return []
          }
        })
    },
    catch: unreadable(join(directory, "events.jsonl"))
  })

// --- listing and loading ---------------------------------------------------------------------------------------

/** Oldest first. A run whose file cannot be read is left out. */
export const listRuns: Effect.Effect<ReadonlyArray<RunSummary>, ArtifactError, Store> = Effect.gen(
  function* () {
    const { root } = yield* Store
    const ids = yield* runIds(root)
    return ids.flatMap((id) => {
      const directory = join(runsFolder(root), id)
      const head = decodeHead(readJson(join(directory, "run.json")))
      if (Exit.isFailure(head)) return []
      const { pipeline, started, seconds, counts, command } = head.value
      const status = statusOf(root, head.value)
      return [{ id, pipeline, status, started, seconds, counts, command, directory }]
    })
  }
)

/** By id, a unique prefix of it, or `latest`. What it made stays until the store is closed. */
export const loadRun = Effect.fn("loadRun")(function* (
  wanted: string
): Effect.fn.Return<LoadedRun, InputError | ArtifactError, Store> {
  const store = yield* Store
  const { root } = store
  const ids = yield* runIds(root)
  const found = wanted === "latest" ? ids.slice(-1) : ids.filter((id) => id.startsWith(wanted))
  if (found.length !== 1) {
    return yield* new InputError({
      what:
        found.length === 0
          ? wanted === "latest"
            ? "There is no run yet."
            : `No run is named '${wanted}'.`
          : `'${wanted}' may be any of ${found.slice(0, 8).join(", ")}.`,
      where: runsFolder(root),
      expected: "a run's id, a unique prefix of it, or 'latest'",
      next: "'asterism runs' lists them"
    })
  }
  const directory = join(runsFolder(root), found[0]!)
  const file = decodeFile(readJson(join(directory, "run.json")))
  if (Exit.isFailure(file)) {
    return yield* new InputError({
      what: `Run ${found[0]!} cannot be read: its run.json is missing or damaged.`,
      where: directory,
      next: "'asterism runs' lists the others"
    })
  }
  const events = readEvents(directory)
  const current =
    file.value.status === "running"
      ? upToDate(file.value, yield* Effect.orElseSucceed(events, () => []))
      : file.value
  yield* store.hold(
    Object.values(current.nodes).flatMap(({ outputs }) =>
      Object.values(outputs ?? {}).map(({ digest }) => digest)
    )
  )
  return { file: current, status: statusOf(root, file.value), directory, events }
})

/** What a node's status is after an event about it. */
const statusAfter = (event: RunEvent): NodeStatus | undefined => {
  switch (event.type) {
    case "NodeFinished":
      return "ran"
    case "NodeCutOff":
      return "cut-off"
    case "NodeFailed":
      return "failed"
    case "NodeSkipped":
      return "skipped"
    case "NodeInterrupted":
      return "interrupted"
    default:
      return undefined
  }
}

/** `run.json` is written at the start and at the end; in between, the events tell what became of each node. */
const upToDate = (file: RunFile, events: ReadonlyArray<RunEvent>): RunFile => {
  const nodes: { [name: string]: RunNode } = { ...file.nodes }
  for (const event of events) {
    const status = statusAfter(event)
    if (status === undefined || !("node" in event) || !Object.hasOwn(nodes, event.node)) continue
    const before = nodes[event.node]!
    nodes[event.node] = {
      ...before,
      status,
      ...("fingerprint" in event ? { fingerprint: event.fingerprint } : {}),
      ...("seconds" in event ? { seconds: event.seconds } : {}),
      ...(event.type === "NodeFailed" ? { failure: event.message } : {})
    }
  }
  return { ...file, nodes, counts: countsOf(new Map(Object.entries(nodes))) }
}

// --- live ------------------------------------------------------------------------------------------------------

/** Every run of the store that is going on. */
export const liveRuns: Effect.Effect<ReadonlyArray<LiveStatus>, ArtifactError, Store> = Effect.gen(
  function* () {
    const live: Array<LiveStatus> = []
    for (const run of yield* listRuns) {
      if (run.status !== "running") continue
      const events = yield* Effect.orElseSucceed(readEvents(run.directory), () => [])
      live.push({ run, ...progressOf(events) })
    }
    return live
  }
)

const progressOf = (events: ReadonlyArray<RunEvent>): Omit<LiveStatus, "run"> => {
  let nodes = 0
  const finished = new Set<string>()
  const active = new Map<string, LiveNode>()
  for (const event of events) {
    if (event.type === "RunStarted") nodes = event.nodes
    if (!("node" in event)) continue
    const { node, stage, time } = event
    const begun = { node, stage, done: null, total: null, note: null, startedAt: time }
    if (event.type === "NodeStarted") active.set(node, { ...begun, state: "running" })
    else if (event.type === "NodeWaiting") active.set(node, { ...begun, state: "waiting" })
    else if (event.type === "NodeProgress") {
      const { done, total, note } = event
      active.set(node, { ...(active.get(node) ?? { ...begun, state: "running" }), done, total, note })
    } else if (event.type === "NodeRepairing") active.delete(node)
    else if (event.type === "NodeCached" || statusAfter(event) !== undefined) {
      active.delete(node)
      finished.add(node)
    }
  }
  return { nodes, finished: finished.size, active: [...active.values()] }
}
