/** What would run, and why: the result of planning a study. Planning reads the store and writes nothing. */
import type { Accepted, Components } from "../../artifacts/NodeRecord.ts"
import type { FileHashes } from "../fingerprint/files.ts"
import type { Graph, Node } from "../Pipeline.ts"
import type { Numerics } from "../Study.ts"
import type { Reason } from "./Reason.ts"

export type PlanStatus = "cached" | "run" | "resume"

export interface PlannedNode {
  readonly node: Node
  readonly status: PlanStatus
  /** Empty for cached nodes, otherwise at least one. */
  readonly reasons: ReadonlyArray<Reason>
  /** Whether every reason is an input that may turn out the same: then the node may be cut off instead of run. */
  readonly mayBeCutOff: boolean
  /** Null while an input's digest is not known yet. */
  readonly fingerprint: string | null
  readonly components: Components | null
  /** For cached nodes whose result was accepted, not computed, for this fingerprint. */
  readonly accepted: Accepted | null
  /** Output → digest, for cached nodes. */
  readonly outputs: { readonly [output: string]: string } | null
  /** Wall-clock seconds the node took when it last ran; null where it never did. For cached nodes, what is saved. */
  readonly expectedSeconds: number | null
}

export interface Plan {
  readonly graph: Graph
  /** In topological order, only the nodes asked for. */
  readonly nodes: ReadonlyArray<PlannedNode>
  /** Null where no stage computes. */
  readonly numerics: Numerics | null
  /** What was learnt about declared files, for the run that follows. */
  readonly files: FileHashes
  readonly cached: number
  readonly run: number
  readonly resume: number
  /** Sum over the nodes that would run and whose time is known. */
  readonly expectedSeconds: number
}
