/** Runs a study: plans it, executes what is not cached, and leaves a run folder behind. */
import * as Effect from "effect/Effect"
import type { ArtifactError, InputError } from "../../schemas/errors.ts"
import type { Executor, ExecutorServices } from "../executors/Executor.ts"
import type { Study } from "../Study.ts"
import type { RunEvent } from "./events.ts"
import type { NodeFailed } from "./NodeFailed.ts"
import type { RunFile } from "./RunFile.ts"

export interface RunOptions {
  readonly executor: Executor
  /** After a failure go on with every node that does not need the failed one; default false. */
  readonly keepGoing?: boolean
  /** What the user typed, for `run.json` and for the "next" of failures. */
  readonly command: ReadonlyArray<string>
  /** Of asterism, Node and whatever else the results may depend on. */
  readonly versions: { readonly [name: string]: string }
  /** Called for each event as it happens. Must not throw and must be quick. */
  readonly onEvent?: (event: RunEvent) => void
  /** Least seconds between two checkpoints of a node; default 30. */
  readonly checkpointSeconds?: number
  /**
   * Whether SIGINT and SIGTERM stop the run: the first lets stages save their state, the second stops at once; default
   * true. Whoever runs this effect must then not interrupt it on these signals itself.
   */
  readonly signals?: boolean
}

export interface RunResult {
  readonly id: string
  readonly directory: string
  readonly file: RunFile
  readonly failures: ReadonlyArray<NodeFailed>
  /** 0 done, 1 a stage failed, 2 bad input in a stage, 130 interrupted. */
  readonly exitCode: 0 | 1 | 2 | 130
}

/** Succeeds whether or not nodes failed: see `exitCode`. Fails only where the run could not be started or recorded. */
export const run = (
  _study: Study,
  _options: RunOptions
): Effect.Effect<RunResult, InputError | ArtifactError, ExecutorServices> => Effect.die("not built yet")
