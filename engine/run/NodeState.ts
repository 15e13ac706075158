/** What a run knows of one node while it goes on. */
import type { Accepted, Components } from "../../artifacts/NodeRecord.ts"
import { eachInput, inputSources } from "../fingerprint/inputs.ts"
import type { Node } from "../Pipeline.ts"
import type { PlannedNode } from "../plan/Plan.ts"
import type { Needs } from "./needs.ts"
import type { NodeStatus, RunNode } from "./RunFile.ts"

export interface NodeState {
  readonly node: Node
  readonly planned: PlannedNode
  /** Null for nodes that were cached when the run was planned, until they are needed again. */
  needs: Needs | null
  status: NodeStatus
  /** Producers that must finish first. Empty for a node that is done, ready or active. */
  readonly blockedBy: Set<NodeState>
  /** Nodes that may be blocked by this one. */
  readonly consumers: Array<NodeState>
  inputs: { readonly [input: string]: string }
  components: Components | null
  fingerprint: string | null
  outputs: { readonly [output: string]: string } | null
  seconds: number | null
  /** For a node whose outputs were accepted under this fingerprint, not computed. */
  accepted: Accepted | null
  failure: string | null
  /** How often its inputs were repaired. */
  repairs: number
  /** How often another process held its lease. */
  waits: number
}

export const isDone = (state: NodeState): boolean =>
  state.status === "cached" ||
  state.status === "cut-off" ||
  state.status === "ran" ||
  state.status === "resumed"

/** States for planned nodes, in the same order, blocked by the producers that are not cached. */
export const nodeStates = (nodes: ReadonlyArray<PlannedNode>): ReadonlyMap<string, NodeState> => {
  const states = new Map<string, NodeState>()
  for (const planned of nodes) {
    const cached = planned.status === "cached"
    const state: NodeState = {
      node: planned.node,
      planned,
      needs: null,
      status: cached ? "cached" : "pending",
      blockedBy: new Set(),
      consumers: [],
      inputs: {},
      components: planned.components,
      fingerprint: planned.fingerprint,
      outputs: planned.outputs,
      seconds: cached ? planned.expectedSeconds : null,
      accepted: planned.accepted,
      failure: null,
      repairs: 0,
      waits: 0
    }
    states.set(planned.node.name, state)
    if (cached) continue
    eachInput(planned.node, (_, handle) => {
      const producer = states.get(handle.node)!
      if (isDone(producer) || state.blockedBy.has(producer)) return
      state.blockedBy.add(producer)
      producer.consumers.push(state)
    })
  }
  return states
}

export const runNode = (state: NodeState): RunNode => {
  const outputs: { [output: string]: { readonly kind: string; readonly digest: string } } = {}
  for (const output in state.outputs) {
    outputs[output] = {
      kind: state.node.stage.outputs[output]?.name ?? "unknown",
      digest: state.outputs[output]!
    }
  }
  return {
    stage: state.node.stage.id,
    description: state.node.stage.description,
    params: state.node.params,
    inputs: inputSources(state.node),
    status: state.status,
    fingerprint: state.fingerprint,
    outputs: state.outputs === null ? null : outputs,
    seconds: state.seconds,
    failure: state.failure,
    ...(state.accepted === null ? {} : { accepted: state.accepted })
  }
}
