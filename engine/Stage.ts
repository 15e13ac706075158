/**
 * A stage is a pure description of one step of a study: its parameters, the kinds it reads and writes, what it needs
 * to run, and the effect that turns inputs into outputs. It knows nothing of the cache, the executor or the CLI.
 *
 * The engine knows stages only through this type.
 */
import type * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Schema from "effect/Schema"
import type { Kind, ReaderOf, ValueOf } from "../schemas/Kind.ts"
import type { Backend } from "./services/Backend.ts"
import type { Checkpoint } from "./services/Checkpoint.ts"
import type { Progress } from "./services/Progress.ts"
import type { Random } from "./services/Random.ts"
import type { Scratch } from "./services/Scratch.ts"

// --- inputs and outputs --------------------------------------------------------------------------------------------

/** An input that takes any number of named artifacts of one kind: all the views of an alignment, say. */
export interface Each<K extends Kind = Kind> {
  readonly "~each": true
  readonly kind: K
}

/** An input that may be left unwired. */
export interface Optional<K extends Kind = Kind> {
  readonly "~optional": true
  readonly kind: K
}

export type InputSpec = Kind | Each | Optional
export type Inputs = { readonly [name: string]: InputSpec }
export type Outputs = { readonly [name: string]: Kind }

/** What `run` receives for each declared input. Members of `each` come in the order they were wired. */
export type Opened<I extends Inputs> = {
  readonly [Name in keyof I]: I[Name] extends Each<infer K>
    ? ReadonlyArray<{ readonly name: string; readonly artifact: ReaderOf<K> }>
    : I[Name] extends Optional<infer K>
      ? ReaderOf<K> | undefined
      : ReaderOf<I[Name]>
}

/** What `run` returns: a value for each declared output. */
export type Returned<O extends Outputs> = { readonly [Name in keyof O]: ValueOf<O[Name]> }

// --- what a stage needs --------------------------------------------------------------------------------------------

/** What the executor must set aside while the stage runs. */
export interface Resources {
  /** Cores the stage keeps busy; default 1. */
  readonly cpu?: number
  /** Peak memory, such as `"2 GiB"`. */
  readonly memory?: string
  /** Graphics cards; default 0. */
  readonly gpu?: number
  /** Wall-clock limit, such as `"2 hours"`; the stage fails past it. */
  readonly timeout?: string
  /** How often to try again after a failure; default 0. */
  readonly retries?: number
}

/** A value with one JSON form. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [name: string]: Json }

/** Services a stage may ask for. Nothing else is ambient. */
export type Services = Backend | Checkpoint | FileSystem.FileSystem | Path.Path | Progress | Random | Scratch

// --- the stage -----------------------------------------------------------------------------------------------------

/** A stage: see the module comment. */
export interface Stage<
  out Id extends string = string,
  out Params = unknown,
  out I extends Inputs = Inputs,
  out O extends Outputs = Outputs
> {
  readonly "~asterism/Stage": true
  readonly id: Id
  readonly description: string
  /** `import.meta.url` of the module that defines the stage: the code hash starts from there. */
  readonly source: string
  /** Decodes the parameters; fields with defaults may be left out. */
  readonly params: Schema.Top
  readonly inputs: I
  readonly outputs: O
  /** Paths of files outside the store that it reads, from its decoded parameters; undefined where it reads none. */
  readonly files: ((params: never) => ReadonlyArray<string>) | undefined
  /**
   * Values from outside its module's top level that `run` uses; undefined where it says nothing of them. They are part of
   * its code: a changed one runs the stage again.
   */
  readonly captures: { readonly [name: string]: Json } | undefined
  /** Where `make` was called, as the program that runs names places. Tells two stages of one module apart. */
  readonly made: string
  readonly resources: Resources
  /** Whether it draws from `Random`: then the node's seed is part of its fingerprint. */
  readonly random: boolean
  /** Whether it computes on a backend: then the backend's numerics are part of its fingerprint. */
  readonly compute: boolean
  /** Whether it runs kernels that use fused multiply-add: then how the processor rounds is part of its fingerprint. */
  readonly kernels: boolean
  /** Whether it runs in a process of its own, so that a crash fails one node and cores are used in parallel. */
  readonly isolated: boolean
  readonly run: (context: {
    readonly params: never
    readonly inputs: never
  }) => Effect.Effect<{ readonly [name: string]: unknown }, unknown, Services>
  readonly "~params"?: Params
}

/** The parameters of a stage as a pipeline writes them: fields with defaults may be left out. */
export type ParamsOf<S> = S extends Stage<string, infer Params> ? Params : never

/**
 * Defines a stage.
 *
 * **Example** (the smallest stage)
 *
 * ```ts
 * export const doubled = Stage.make("example/double", {
 *   description: "Doubles every entry.",
 *   source: import.meta.url,
 *   params: Schema.Struct({}),
 *   inputs: { embeddings: Embeddings },
 *   outputs: { embeddings: Embeddings },
 *   run: Effect.fn("example/double")(function* ({ inputs }) {
 *     const matrix = yield* inputs.embeddings.readFloat32
 *     return { embeddings: { ...matrix, data: matrix.data.map((x) => 2 * x) } }
 *   })
 * })
 * ```
 */
export const make = <
  const Id extends string,
  P extends Schema.ConstraintCodec<unknown, unknown>,
  const I extends Inputs,
  const O extends Outputs
>(
  id: Id,
  options: {
    readonly description: string
    readonly source: string
    readonly params: P
    readonly inputs: I
    readonly outputs: O
    /**
     * Files outside the store that it reads: their content is part of the fingerprint, as inputs are. Relative paths are taken
     * from the folder the command is run in. They are hashed when the stage starts and again before its record is written; one
     * that was written to meanwhile fails the node. The function is called each time, so it may look into a folder.
     */
    readonly files?: (params: P["Type"]) => ReadonlyArray<string>
    /**
     * Needed where a function makes the stage: every value that `run` uses and that is neither in `params` or `inputs` nor
     * at the top level of a module, such as the arguments of that function. They count as code does. `{}` says that there
     * are none. What has no JSON form (a function, say) cannot be captured: make it a stage of its own.
     *
     * ```ts
     * const scaled = (id: string, by: number) =>
     *   Stage.make(id, { ..., captures: { by }, run: ({ inputs }) => scale(inputs, by) })
     * ```
     */
    readonly captures?: { readonly [name: string]: Json }
    readonly resources?: Resources
    readonly random?: boolean
    readonly compute?: boolean
    readonly kernels?: boolean
    readonly isolated?: boolean
    readonly run: (context: {
      readonly params: P["Type"]
      readonly inputs: Opened<I>
    }) => Effect.Effect<Returned<O>, unknown, Services>
  }
): Stage<Id, P["Encoded"], I, O> => ({
  "~asterism/Stage": true,
  id,
  description: options.description,
  source: options.source,
  params: options.params as unknown as Schema.Top,
  inputs: options.inputs,
  outputs: options.outputs,
  files: options.files as Stage["files"],
  captures: options.captures,
  made: placeOfCall(),
  resources: options.resources ?? {},
  random: options.random ?? false,
  compute: options.compute ?? false,
  kernels: options.kernels ?? false,
  isolated: options.isolated ?? false,
  run: options.run as Stage["run"]
})

/** The place that called `make`. */
const placeOfCall = (): string => {
  const { stackTraceLimit } = Error
  const here: { stack?: string } = {}
  try {
    Error.stackTraceLimit = 1
    Error.captureStackTrace(here, make)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return String(here.stack ?? "")
    .split("\n")
    .at(-1)!
    .trim()
}

/** An input that takes any number of named artifacts of one kind. */
export const each = <K extends Kind>(kind: K): Each<K> => ({ "~each": true, kind })

/** An input that may be left unwired. */
export const optional = <K extends Kind>(kind: K): Optional<K> => ({ "~optional": true, kind })

export const isStage = (u: unknown): u is Stage =>
  typeof u === "object" && u !== null && "~asterism/Stage" in u

export const isEach = (spec: InputSpec): spec is Each => "~each" in spec
export const isOptional = (spec: InputSpec): spec is Optional => "~optional" in spec
export const kindOf = (spec: InputSpec): Kind => (isEach(spec) || isOptional(spec) ? spec.kind : spec)
