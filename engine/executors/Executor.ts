/**
 * An executor turns one ready node into a record: here, in a process of its own, or as a job on a cluster. It says how
 * much it can run at once; the scheduler keeps within that and hands it nodes whose inputs are known.
 */
import type * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type { Components, NodeRecord } from "../../artifacts/NodeRecord.ts"
import type { Store } from "../../artifacts/Store.ts"
import type { Code } from "../fingerprint/Code.ts"
import type { Node } from "../Pipeline.ts"
import type { BackendChoice } from "../services/Backend.ts"
import type { StageError } from "../run/StageError.ts"
import type { Stop } from "../run/Stop.ts"

/** How much can run at once. A node that asks for more than all of it gets all of it, except for graphics cards. */
export interface Capacity {
  readonly cpu: number
  readonly memoryBytes: number
  readonly gpu: number
}

/** One attempt at one node. Everything but `node` is plain JSON. */
export interface Task {
  readonly run: string
  readonly pipeline: string
  readonly node: Node
  readonly fingerprint: string
  readonly components: Components
  /** `input` or `input[member]` → digest. */
  readonly inputs: { readonly [input: string]: string }
  readonly attempt: number
  readonly backend: BackendChoice
  /** Least seconds between two checkpoints. */
  readonly checkpointSeconds: number
  /** The node's log; created when the first line is written. */
  readonly logFile: string
  /** Wall-clock limit of the attempt; null where there is none. */
  readonly timeoutSeconds: number | null
}

/** What the executor reports while the node runs. Plain callbacks: they may be called thousands of times a second. */
export interface Hooks {
  readonly progress: (done: number, total: number, note: string | null) => void
  /** Set when the run is asked to stop. */
  readonly stop: Stop
  /** The work is done; what remains is to make its outputs durable. Not every executor can tell. */
  readonly worked?: (() => void) | undefined
}

/** Services an executor may use. */
export type ExecutorServices = Store | Code | FileSystem.FileSystem | Path.Path

export interface Executor {
  readonly name: string
  /** Null where the executor queues by itself, as a cluster does: then every ready node is handed over at once. */
  readonly capacity: Capacity | null
  /** Runs the node to its durable record. */
  readonly execute: (task: Task, hooks: Hooks) => Effect.Effect<NodeRecord, StageError, ExecutorServices>
}
