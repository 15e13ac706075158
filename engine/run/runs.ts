/** Runs on disk: listing them, loading one, and how far a live one is. */
import * as Effect from "effect/Effect"
import type { ArtifactError, InputError } from "../../schemas/errors.ts"
import type { Store } from "../../artifacts/Store.ts"
import type { RunEvent } from "./events.ts"
import type { RunFile } from "./RunFile.ts"

export interface RunSummary {
  readonly id: string
  readonly pipeline: string
  /** `stopped`: it says it runs, but its process is gone. */
  readonly status: RunFile["status"] | "stopped"
  readonly started: string
  readonly seconds: number | null
  readonly counts: RunFile["counts"]
  readonly directory: string
}

export interface LoadedRun {
  readonly file: RunFile
  readonly status: RunSummary["status"]
  readonly directory: string
  readonly events: Effect.Effect<ReadonlyArray<RunEvent>, ArtifactError>
}

/** Oldest first. A run whose file cannot be read is left out. */
export const listRuns: Effect.Effect<ReadonlyArray<RunSummary>, ArtifactError, Store> = Effect.die(
  "not built yet"
)

/** By id, a unique prefix of it, or `latest`. */
export const loadRun = (_id: string): Effect.Effect<LoadedRun, InputError | ArtifactError, Store> =>
  Effect.die("not built yet")

/** A run that is going on, as far as its events tell. */
export interface LiveNode {
  readonly node: string
  readonly stage: string
  readonly state: "running" | "waiting"
  readonly done: number | null
  readonly total: number | null
  readonly note: string | null
  readonly startedAt: number
}

export interface LiveStatus {
  readonly run: RunSummary
  readonly nodes: number
  readonly finished: number
  readonly active: ReadonlyArray<LiveNode>
}

/** Every run of the store that is going on. */
export const liveRuns: Effect.Effect<ReadonlyArray<LiveStatus>, ArtifactError, Store> = Effect.die(
  "not built yet"
)
