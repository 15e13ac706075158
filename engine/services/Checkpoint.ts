/**
 * Mid-stage state that survives a kill. A stage that trains loads the last state when it starts and offers its state at
 * every step; the engine decides when to write it (by time), writes it atomically, keeps the newest two, and drops them
 * when the node's record is written. A checkpoint belongs to one fingerprint: changed parameters never resume from it.
 *
 * Killed at any instant and started again, a stage must end with the same bytes as uninterrupted: save everything the
 * next step depends on (weights, optimiser moments, step number, position in the random stream).
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { ArtifactError } from "../../schemas/errors.ts"
import type { TensorsValue } from "../../schemas/Kind.ts"

/** Tensors with string metadata: numbers that must survive exactly go into a float64 tensor or into the metadata. */
export type State = TensorsValue

export class Checkpoint extends Context.Service<
  Checkpoint,
  {
    /** The newest intact state saved under this fingerprint, if any. */
    readonly load: Effect.Effect<Option.Option<Required<State>>, ArtifactError>
    /**
     * Saves `state()` if it is time to, and not otherwise (then `state` is not even called). When the run was asked to
     * stop (SIGINT, SIGTERM) it saves at once and interrupts the stage.
     */
    readonly offer: (state: () => State | Promise<State>) => Effect.Effect<void, ArtifactError>
  }
>()("asterism/Checkpoint") {}
