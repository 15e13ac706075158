/**
 * Plans a study: which nodes are cached, which would run or resume, and why. One pass over nodes and wires with one
 * look-up a node; it reads the store and writes nothing.
 */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Components, NodeRecord } from "../../artifacts/NodeRecord.ts"
import type { StoreShape } from "../../artifacts/Store.ts"
import { Store } from "../../artifacts/Store.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import { InputError } from "../../schemas/errors.ts"
import { Code } from "../fingerprint/Code.ts"
import { componentsOf, diffComponents, fingerprintOf } from "../fingerprint/Fingerprint.ts"
import { FileHashes, fileInputs } from "../fingerprint/files.ts"
import { eachInput, inputNames } from "../fingerprint/inputs.ts"
import type { Node } from "../Pipeline.ts"
import type { Numerics, Study } from "../Study.ts"
import type { Plan, PlannedNode } from "./Plan.ts"
import type { Reason } from "./Reason.ts"
import { because, short } from "./Reason.ts"
import { wantedNodes } from "./wanted.ts"

interface Planning {
  readonly study: Study
  readonly store: StoreShape
  readonly code: Code["Service"]
  readonly files: FileHashes
  readonly numerics: Numerics | null
  readonly checkpoints: ReadonlySet<string>
  /** Digests that records promise and the store lacks. */
  readonly missing: ReadonlySet<string>
  readonly planned: Map<string, PlannedNode>
  readonly consider: Consider | undefined
}

/**
 * Asked for each node that would run: a record makes the plan go on as if the node had it. The plan may be made twice, where
 * objects are missing; `restart` comes before each time.
 */
export interface Consider {
  readonly restart: () => void
  readonly node: (planned: PlannedNode) => Effect.Effect<NodeRecord | undefined, ArtifactError>
}

/** Plans a study against the store as it is now. */
export const plan = Effect.fn("plan")(function* (
  study: Study,
  consider?: Consider
): Effect.fn.Return<Plan, InputError | ArtifactError, Store | Code> {
  const store = yield* Store
  const nodes = yield* wantedNodes(study)
  const planning: Planning = {
    study,
    store,
    code: yield* Code,
    files: new FileHashes(),
    numerics: nodes.some((node) => node.stage.compute) ? yield* study.numerics : null,
    checkpoints: checkpointed(store.root),
    missing: new Set(),
    planned: new Map(),
    consider
  }
  yield* planNodes(planning, nodes)
  const missing = yield* missingOutputs(planning)
  if (missing.size === 0) return summary(planning)
  // Rare: an object was quarantined or deleted. Plan again, knowing which.
  const again = { ...planning, missing, planned: new Map<string, PlannedNode>() }
  yield* planNodes(again, nodes)
  return summary(again)
})

const planNodes = Effect.fnUntraced(function* (planning: Planning, nodes: ReadonlyArray<Node>) {
  const { consider, planned } = planning
  consider?.restart()
  for (const node of nodes) {
    const found = yield* planNode(planning, node)
    const record =
      consider === undefined || found.status === "cached" ? undefined : yield* consider.node(found)
    planned.set(
      node.name,
      record === undefined ? found : cached(node, found.fingerprint!, found.components!, record)
    )
  }
})

const cached = (
  node: Node,
  fingerprint: string,
  components: Components,
  { accepted, outputs, seconds }: NodeRecord
): PlannedNode => ({
  node,
  status: "cached",
  reasons: [],
  mayBeCutOff: false,
  fingerprint,
  components,
  accepted: accepted ?? null,
  outputs,
  expectedSeconds: seconds
})

const planNode = Effect.fnUntraced(function* (
  { study, store, code, files, numerics, checkpoints, missing, planned }: Planning,
  node: Node
): Effect.fn.Return<PlannedNode, InputError | ArtifactError> {
  const inputs: { [input: string]: string } = {}
  const pending = new Map<string, string>()
  eachInput(node, (key, handle) => {
    const digest = planned.get(handle.node)?.outputs?.[handle.output]
    if (digest === undefined) pending.set(key, handle.node)
    else inputs[key] = digest
  })
  const components = componentsOf(node, {
    code: yield* code.stage(node.stage),
    inputs: node.stage.files === undefined ? inputs : { ...inputs, ...(yield* fileInputs(node, files)) },
    studySeed: study.seed,
    numerics
  })
  const fingerprint = pending.size === 0 ? yield* fingerprintOrFail(node, components) : null
  const record = fingerprint === null ? undefined : Option.getOrUndefined(yield* store.record(fingerprint))
  const gone = record === undefined ? [] : Object.entries(record.outputs).filter(([, d]) => missing.has(d))
  if (record !== undefined && gone.length === 0) {
    return cached(node, fingerprint!, components, record)
  }
  const newest =
    record ?? Option.getOrUndefined(yield* store.latest(study.graph.pipeline, node.name, node.stage.id))
  // Another node's record tells how long such a stage takes; as the source of reasons it would mislead.
  const latest = newest?.node === node.name && newest.pipeline === study.graph.pipeline ? newest : undefined
  const reasons: Array<Reason> = gone.map(([output, digest]) =>
    because("outputs", output, `object ${short(digest)} missing`, digest)
  )
  if (latest === undefined && gone.length === 0) reasons.push(because("record", "", "first run"))
  if (latest !== undefined && record === undefined) {
    const names = inputNames(node, study.graph.nodes)
    reasons.push(
      ...diffComponents(latest.components, components, { pending: new Set(pending.keys()), names })
    )
    for (const producer of new Set(pending.values())) {
      reasons.push(because("inputs", producer, `${producer} will run (may be cut off)`))
    }
    if (reasons.length === 0) reasons.push(because("record", "", "its record was removed"))
  }
  return {
    node,
    status: fingerprint !== null && checkpoints.has(fingerprint) ? "resume" : "run",
    reasons,
    mayBeCutOff:
      pending.size > 0 && latest !== undefined && reasons.length === new Set(pending.values()).size,
    fingerprint,
    components: pending.size === 0 ? components : null,
    accepted: null,
    outputs: null,
    expectedSeconds: newest?.seconds ?? null
  }
})

/** Parameters that are not JSON (NaN, say) are bad input. */
export const fingerprintOrFail = (
  node: Node,
  components: Parameters<typeof fingerprintOf>[0]
): Effect.Effect<string, InputError> =>
  Effect.try({
    try: () => fingerprintOf(components),
    catch: (error) =>
      new InputError({
        what: `The parameters of '${node.name}' cannot be stored: ${error instanceof Error ? error.message : String(error)}.`,
        where: `node ${node.name} (stage ${node.stage.id})`,
        expected: "finite numbers, text, booleans, lists and structures of them"
      })
  })

/** Fingerprints with a checkpoint: one listing for the whole plan. */
const checkpointed = (root: string): ReadonlySet<string> => {
  try {
    return new Set(readdirSync(join(root, "checkpoints")))
  } catch {
    return new Set()
  }
}

const missingOutputs = Effect.fnUntraced(function* ({ store, planned }: Planning) {
  const digests = new Set<string>()
  for (const { outputs } of planned.values()) {
    for (const output in outputs) digests.add(outputs[output]!)
  }
  const missing = new Set<string>()
  if (yield* store.present(digests)) return missing
  for (const digest of digests) if (!(yield* store.present([digest]))) missing.add(digest)
  return missing
})

const summary = ({ study, planned, numerics, files }: Planning): Plan => {
  const nodes = [...planned.values()]
  const count = (status: PlannedNode["status"]): number =>
    nodes.filter((node) => node.status === status).length
  return {
    graph: study.graph,
    nodes,
    numerics,
    files,
    cached: count("cached"),
    run: count("run"),
    resume: count("resume"),
    expectedSeconds: nodes.reduce(
      (sum, node) => sum + (node.status === "cached" ? 0 : (node.expectedSeconds ?? 0)),
      0
    )
  }
}
