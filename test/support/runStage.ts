/**
 * Runs one stage on values in memory, with the services the engine would give it. For tests of stages: no store, no
 * fingerprint, no process of its own.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Backend, type BackendChoice } from "../../engine/services/Backend.ts"
import { Checkpoint, type State } from "../../engine/services/Checkpoint.ts"
import { Progress } from "../../engine/services/Progress.ts"
import { Random } from "../../engine/services/Random.ts"
import { Scratch } from "../../engine/services/Scratch.ts"
import type { Each, Inputs, Optional, Outputs, Returned, Stage } from "../../engine/Stage.ts"
import { isEach, isOptional } from "../../engine/Stage.ts"
import type { Kind, ValueOf } from "../../schemas/Kind.ts"
import { readerOf } from "./readers.ts"

type OptionalNames<I extends Inputs> = {
  [Name in keyof I]: I[Name] extends Optional ? Name : never
}[keyof I]

/** Values for each declared input: what the node upstream would have returned. */
export type InputValues<I extends Inputs> = {
  readonly [Name in Exclude<keyof I, OptionalNames<I>>]: I[Name] extends Each<infer K>
    ? { readonly [member: string]: ValueOf<K> }
    : ValueOf<I[Name]>
} & {
  readonly [Name in OptionalNames<I>]?: I[Name] extends Optional<infer K> ? ValueOf<K> : never
}

export interface RunOptions {
  /** The node's seed; default 32 zeros. */
  readonly seed?: string
  readonly backend?: BackendChoice
  /** The state to resume from. */
  readonly resume?: State
  /** Collects a copy of every state the stage offers. */
  readonly saved?: Array<Required<State>>
  /** Collects progress reports. */
  readonly reports?: Array<{
    readonly done: number
    readonly total: number
    readonly note: string | undefined
  }>
}

const copy = (state: State): Required<State> => structuredClone({ metadata: {}, ...state })

const services = (directory: string, options: RunOptions) =>
  Layer.mergeAll(
    NodeServices.layer,
    Layer.succeed(Backend, options.backend ?? { backend: "reference", device: "cpu" }),
    Layer.succeed(Random, { seed: options.seed ?? "0".repeat(32) }),
    Layer.succeed(Scratch, { directory }),
    Layer.succeed(Progress, {
      report: (done, total, note) => Effect.sync(() => void options.reports?.push({ done, total, note })),
      log: () => Effect.void
    }),
    Layer.succeed(Checkpoint, {
      load: Effect.sync(() => Option.map(Option.fromNullishOr(options.resume), copy)),
      offer: (state) =>
        options.saved === undefined
          ? Effect.void
          : Effect.promise(async () => void options.saved?.push(copy(await state())))
    })
  )

/**
 * Runs a stage and returns what it returned. Parameters are decoded as in a pipeline; files that the stage leaves in
 * its scratch folder live until the scope closes.
 */
export const runStage = <Id extends string, P, I extends Inputs, O extends Outputs>(
  stage: Stage<Id, P, I, O>,
  given: { readonly params?: P; readonly inputs: InputValues<I> } & RunOptions
): Effect.Effect<Returned<O>, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "asterism-stage-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    const inputFolder = join(directory, "inputs")
    const scratch = join(directory, "scratch")
    mkdirSync(inputFolder)
    mkdirSync(scratch)

    const decoded = Schema.decodeUnknownExit(stage.params as unknown as Schema.Codec<unknown, unknown>)(
      given.params ?? {},
      { onExcessProperty: "error" }
    )
    const params = Exit.isSuccess(decoded) ? decoded.value : yield* decoded

    const inputs: { [name: string]: unknown } = {}
    for (const [name, spec] of Object.entries(stage.inputs)) {
      const value = (given.inputs as { readonly [name: string]: unknown })[name]
      const open = (kind: Kind, of: unknown, file: string) => readerOf(kind, of as never, inputFolder, file)
      if (isEach(spec)) {
        inputs[name] = yield* Effect.forEach(Object.entries(value as object), ([member, of]) =>
          Effect.map(open(spec.kind, of, `${name}-${member}`), (artifact) => ({ name: member, artifact }))
        )
      } else if (isOptional(spec)) {
        inputs[name] = value === undefined ? undefined : yield* open(spec.kind, value, name)
      } else {
        inputs[name] = yield* open(spec, value, name)
      }
    }
    const outputs = yield* stage
      .run({ params: params as never, inputs: inputs as never })
      .pipe(Effect.provide(services(scratch, given)))
    return outputs as Returned<O>
  })
