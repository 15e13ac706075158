/** A study is what is planned and run: a graph, the seed and the numerics that its fingerprints depend on. */
import type * as Effect from "effect/Effect"
import type { InputError } from "../schemas/errors.ts"
import type { Code } from "./fingerprint/Code.ts"
import type { Graph } from "./Pipeline.ts"
import type { BackendChoice } from "./services/Backend.ts"

/**
 * What the numbers of a computing stage depend on besides its own code: backend family, precision, device class, exact
 * engine version, hash of the backend's code. Names and values are the caller's; a changed one is a reason to run.
 */
export type Numerics = { readonly [name: string]: string }

export interface Study {
  readonly graph: Graph
  /** The study's seed, as typed; a node's seed is hash(study seed, node name). */
  readonly seed: string
  readonly backend: BackendChoice
  /** Asked for once, and only if the graph holds a stage that computes. */
  readonly numerics: Effect.Effect<Numerics, InputError, Code>
  /** Restricts the study to this node and what it needs. */
  readonly until?: string
}
