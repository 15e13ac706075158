/**
 * A pipeline builds a graph of stage nodes. Building is pure: no file is touched, nothing is hashed, nothing runs.
 *
 * Wiring is typed: a handle carries its kind, and wiring the wrong kind does not compile. Overrides from the command
 * line (`--set`, `--swap`) are applied while the graph is built, so the graph that is planned is the graph that runs.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { InputError } from "../schemas/errors.ts"
import type { Kind } from "../schemas/Kind.ts"
import type { Each, Inputs, InputSpec, Optional, Outputs, Stage } from "./Stage.ts"
import { start } from "./internal/building.ts"

// --- the graph -----------------------------------------------------------------------------------------------------

/** One output of one node. */
export interface Handle<out K extends Kind = Kind> {
  readonly node: string
  readonly output: string
  readonly kind: K
}

/** What a node's input is wired to: one handle, or named handles in order. */
export type Wire =
  | { readonly type: "one"; readonly handle: Handle }
  | {
      readonly type: "each"
      readonly members: ReadonlyArray<{ readonly name: string; readonly handle: Handle }>
    }

export interface Node {
  readonly name: string
  readonly stage: Stage
  /** Decoded and re-encoded: defaults filled in, ready to be hashed and to be decoded again by a worker. */
  readonly params: { readonly [name: string]: unknown }
  readonly wires: { readonly [input: string]: Wire }
}

export interface Graph {
  readonly pipeline: string
  readonly description: string
  /** In the order they were declared, which is a topological order: a handle exists only once its node does. */
  readonly nodes: ReadonlyMap<string, Node>
}

// --- wiring --------------------------------------------------------------------------------------------------------

type OneOrEach<S extends InputSpec> =
  S extends Each<infer K> ? { readonly [name: string]: Handle<K> } : S extends Kind ? Handle<S> : never

type OptionalNames<I extends Inputs> = {
  [Name in keyof I]: I[Name] extends Optional ? Name : never
}[keyof I]

/** Handles for each declared input. */
export type Wiring<I extends Inputs> = {
  readonly [Name in Exclude<keyof I, OptionalNames<I>>]: OneOrEach<I[Name]>
} & {
  readonly [Name in OptionalNames<I>]?: I[Name] extends Optional<infer K> ? Handle<K> : never
}

/** One handle for each output. */
export type Handles<O extends Outputs> = { readonly [Name in keyof O]: Handle<O[Name]> }

type Wired<I extends Inputs> = keyof I extends never
  ? { readonly inputs?: {} }
  : { readonly inputs: Wiring<I> }

export interface Builder {
  /**
   * Adds a node that runs `stage`. Names are unique; `group/member` names let `--set group.param=value` reach every
   * member that has the parameter.
   */
  readonly stage: <Id extends string, P, I extends Inputs, O extends Outputs>(
    name: string,
    stage: Stage<Id, P, I, O>,
    options: { readonly params?: P } & Wired<I>
  ) => Effect.Effect<Handles<O>, InputError>
}

// --- the pipeline --------------------------------------------------------------------------------------------------

/** Changes to a pipeline given on the command line. */
export interface Overrides {
  /** `--set node.param=value`: values as typed, decoded as JSON where they parse, as text otherwise. */
  readonly set: ReadonlyArray<{ readonly node: string; readonly param: string; readonly value: unknown }>
  /** `--swap node=stage`. */
  readonly swap: ReadonlyArray<{ readonly node: string; readonly stage: Stage }>
}

export const noOverrides: Overrides = { set: [], swap: [] }

export interface Pipeline {
  readonly "~asterism/Pipeline": true
  readonly name: string
  readonly description: string
  /** Parameters of the pipeline itself (a grid's axes, say), set by `--set <pipeline>.<param>=value`. */
  readonly params: Schema.Top
  readonly build: (overrides: Overrides) => Effect.Effect<Graph, InputError>
}

export const isPipeline = (u: unknown): u is Pipeline =>
  typeof u === "object" && u !== null && "~asterism/Pipeline" in u

/**
 * Defines a pipeline.
 *
 * **Example** (two nodes)
 *
 * ```ts
 * export default Pipeline.make("twice", { description: "Doubles GloVe." }, function* (p) {
 *   const glove = yield* p.stage("glove", loadVectors, { params: { file: "glove.npy" } })
 *   yield* p.stage("doubled", doubled, { inputs: { embeddings: glove.embeddings } })
 * })
 * ```
 */
export const make = <P extends Schema.ConstraintCodec<unknown, unknown> = Schema.Struct<{}>>(
  name: string,
  options: { readonly description: string; readonly params?: P },
  body: (builder: Builder, params: P["Type"]) => Generator<Effect.Effect<unknown, InputError>, unknown, never>
): Pipeline => {
  const params = (options.params ?? Schema.Struct({})) as unknown as Schema.Top
  return {
    "~asterism/Pipeline": true,
    name,
    description: options.description,
    params,
    build: (overrides) =>
      Effect.gen(function* () {
        const building = start(name, overrides)
        const own = yield* building.decode(name, params, {})
        yield* Effect.gen(() => body(building.builder, own as P["Type"]) as Generator<never, unknown, never>)
        yield* building.unused
        return { pipeline: name, description: options.description, nodes: building.nodes }
      })
  }
}
