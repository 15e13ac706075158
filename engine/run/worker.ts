/**
 * The main of a process that runs one isolated node for a parent. It receives the task over IPC, rebuilds the graph,
 * runs the node, and sends back the record or the error. It dies with its parent.
 */
import type * as Layer from "effect/Layer"
import * as Effect from "effect/Effect"
import type { ArtifactError, InputError } from "../../schemas/errors.ts"
import type { ExecutorServices } from "../executors/Executor.ts"
import type { Graph } from "../Pipeline.ts"

/** What the caller makes of the request it gave to `local`. */
export interface Rebuilt {
  readonly graph: Graph
  readonly services: Layer.Layer<ExecutorServices, ArtifactError | InputError>
}

/** Runs until the node is done and exits the process. To be run in a child started by the `local` executor. */
export const workerMain = (
  rebuild: (request: unknown) => Effect.Effect<Rebuilt, ArtifactError | InputError>
): Effect.Effect<never> => Effect.die(rebuild)
