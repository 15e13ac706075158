/**
 * The compute service: tensor programs on the backend the user chose. A stage gives it a program and initial states,
 * and gets scalars and small tensors back; everything else stays in the backend until the scope closes.
 *
 * **Example** (one training step, many times)
 *
 * ```ts
 * const compute = yield* Compute
 * const step = yield* compute.compile(program)              // Program.make("…", { outputs: { loss }, updates })
 * const state = yield* compute.state(program, { weights })  // moments and counters start at zero
 * const { loss } = yield* step.run({ ...state, batch })
 * const weights = yield* compute.read(state.weights)
 * ```
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { InputError, StageFailure } from "../schemas/errors.ts"
import { openBackend } from "./backends/open.ts"
import type { Choice } from "./backends/open.ts"
import type { Bindings, Engine, Handle, HostTensor, Numerics } from "./Engine.ts"
import { createState } from "./Engine.ts"
import type { Program } from "./program/Program.ts"
import type { DType } from "./program/Tensor.ts"

/** A compiled program. See `Executable` in `Engine.ts`. */
export interface Compiled<Outputs extends string> {
  readonly run: (
    bindings: Bindings
  ) => Effect.Effect<{ readonly [Name in Outputs]: HostTensor }, StageFailure>
  /** Runs `times` times with the same inputs; each output gains a leading axis of that length. */
  readonly repeat: (
    times: number,
    bindings: Bindings
  ) => Effect.Effect<{ readonly [Name in Outputs]: HostTensor }, StageFailure>
}

export interface ComputeShape {
  readonly numerics: Numerics
  /** Plain promises, for code that is not an Effect. */
  readonly engine: Engine
  readonly compile: <Outputs extends string>(
    program: Program<Outputs>
  ) => Effect.Effect<Compiled<Outputs>, StageFailure, Scope.Scope>
  /** Uploads the program's states, zeros where none is given. Freed when the scope closes. */
  readonly state: (
    program: Program,
    initial: { readonly [state: string]: HostTensor }
  ) => Effect.Effect<{ readonly [state: string]: Handle }, StageFailure, Scope.Scope>
  /** As floats where no type is named. Freed when the scope closes. */
  readonly upload: (tensor: HostTensor, dtype?: DType) => Effect.Effect<Handle, StageFailure, Scope.Scope>
  readonly read: (handle: Handle) => Effect.Effect<HostTensor, StageFailure>
  readonly write: (handle: Handle, tensor: HostTensor) => Effect.Effect<void, StageFailure>
}

const failure = (cause: unknown): StageFailure =>
  cause instanceof StageFailure
    ? cause
    : new StageFailure({ what: cause instanceof Error ? cause.message : String(cause) })

const attempt = <A>(body: () => Promise<A>): Effect.Effect<A, StageFailure> =>
  Effect.tryPromise({ try: body, catch: failure })

/** The service over an engine. */
export const fromEngine = (engine: Engine): ComputeShape => ({
  numerics: engine.numerics,
  engine,
  compile: (program) =>
    Effect.acquireRelease(
      attempt(() => engine.compile(program)),
      (executable) => Effect.sync(executable.dispose)
    ).pipe(
      Effect.map((executable) => ({
        run: (bindings: Bindings) => attempt(() => executable.run(bindings)),
        repeat: (times: number, bindings: Bindings) => attempt(() => executable.repeat(times, bindings))
      }))
    ),
  state: (program, initial) =>
    Effect.acquireRelease(
      attempt(() => createState(engine, program, initial)),
      (handles) => Effect.sync(() => Object.values(handles).forEach(engine.dispose))
    ),
  upload: (tensor, dtype) =>
    Effect.acquireRelease(
      attempt(() => engine.upload(tensor, dtype)),
      (handle) => Effect.sync(() => engine.dispose(handle))
    ),
  read: (handle) => attempt(() => engine.read(handle)),
  write: (handle, tensor) => attempt(() => engine.write(handle, tensor))
})

export class Compute extends Context.Service<Compute, ComputeShape>()("asterism/Compute") {
  /** Opens the chosen backend, and closes it with the layer. Fails with an `InputError` where it cannot run. */
  static readonly layer = (choice: Choice): Layer.Layer<Compute, InputError | StageFailure> =>
    Layer.effect(
      Compute,
      Effect.acquireRelease(
        Effect.tryPromise({
          try: () => openBackend(choice),
          catch: (cause) => (cause instanceof InputError ? cause : failure(cause))
        }),
        (engine) => Effect.promise(engine.close)
      ).pipe(Effect.map(fromEngine))
    )
}
