/**
 * Takes older results for the current ones, because somebody vouches that what changed since (code, captures, numerics) does
 * not change them. Goes through the study as a plan does: once a node is accepted, the inputs of those that follow are known,
 * and they may be accepted in turn. A record says who accepted it, when, why, and what differed.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Accepted, NodeRecord } from "../../artifacts/NodeRecord.ts"
import type { StoreShape } from "../../artifacts/Store.ts"
import { Store } from "../../artifacts/Store.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import { InputError } from "../../schemas/errors.ts"
import type { Code } from "../fingerprint/Code.ts"
import { eachInput, inputNames } from "../fingerprint/inputs.ts"
import type { Plan, PlannedNode } from "../plan/Plan.ts"
import type { Consider } from "../plan/planStudy.ts"
import { plan } from "../plan/planStudy.ts"
import { dropCheckpoints } from "../run/checkpoints.ts"
import type { Study } from "../Study.ts"
import { olderResults, whyNone } from "./olderResult.ts"
import { outputsProblem } from "./outputs.ts"

export interface AcceptOptions {
  /** Nodes or groups; all where there is none. */
  readonly nodes: ReadonlyArray<string>
  /** `user@host`. */
  readonly who: string
  readonly why: string
  /** Only says what would be accepted. */
  readonly dryRun: boolean
  /** Whole commands, for messages: what plans this study, and what runs it. */
  readonly commands: { readonly plan: string; readonly run: string; readonly list: string }
}

export interface AcceptedNode {
  readonly planned: PlannedNode
  readonly record: NodeRecord
}

/** A node that was asked for, would run, and cannot be accepted. */
export interface LeftNode {
  readonly planned: PlannedNode
  readonly because: string
}

export interface AcceptResult {
  readonly pipeline: string
  readonly accepted: ReadonlyArray<AcceptedNode>
  readonly left: ReadonlyArray<LeftNode>
}

const isMember = (name: string, group: string): boolean => name === group || name.startsWith(`${group}/`)

/** Every record of a pipeline's nodes, newest first. */
const byNode = (
  records: ReadonlyArray<NodeRecord>,
  pipeline: string
): ReadonlyMap<string, ReadonlyArray<NodeRecord>> => {
  const found = new Map<string, Array<NodeRecord>>()
  for (const record of records) {
    if (record.pipeline === pipeline) found.set(record.node, [...(found.get(record.node) ?? []), record])
  }
  for (const list of found.values())
    list.sort((a, b) => (a.started === b.started ? 0 : a.started < b.started ? 1 : -1))
  return found
}

const acceptedRecord = (
  { components, fingerprint, node }: PlannedNode,
  older: ReturnType<typeof olderResults>[number],
  by: Pick<Accepted, "who" | "when" | "why">
): NodeRecord => {
  const { record, differed } = older
  const { earlier = [], ...last } = record.accepted ?? {}
  return {
    ...record,
    fingerprint: fingerprint!,
    components: components!,
    outputs: Object.fromEntries(
      Object.keys(node.stage.outputs).map((output) => [output, record.outputs[output]!])
    ),
    started: by.when,
    accepted: {
      ...by,
      differed,
      from: record.fingerprint,
      earlier: record.accepted === undefined ? [] : [last as Accepted, ...earlier]
    }
  }
}

/** Collects, while a plan is made, what may be accepted and why the rest may not. */
const collector = (
  study: Study,
  store: StoreShape,
  records: ReadonlyMap<string, ReadonlyArray<NodeRecord>>,
  asked: (name: string) => boolean,
  by: Pick<Accepted, "who" | "when" | "why">
) => {
  const accepted = new Map<string, AcceptedNode>()
  const left = new Map<string, LeftNode>()
  /** Nodes that would run. */
  const open = new Set<string>()
  const consider: Consider = {
    restart: () => {
      accepted.clear()
      left.clear()
      open.clear()
    },
    node: Effect.fnUntraced(function* (planned) {
      const { components, node, reasons } = planned
      const leave = (because: string): undefined => {
        open.add(node.name)
        if (asked(node.name)) left.set(node.name, { planned, because })
      }
      if (!asked(node.name)) return leave("")
      if (components === null) {
        const producers = new Set<string>()
        eachInput(node, (_, { node: producer }) => {
          if (open.has(producer)) producers.add(`'${producer}'`)
        })
        return leave(`its inputs are not known before ${[...producers].join(", ")} has run or is accepted`)
      }
      const gone = reasons.find(({ component }) => component === "outputs")
      if (gone !== undefined) return leave(gone.text)
      const own = records.get(node.name) ?? []
      const names = inputNames(node, study.graph.nodes)
      let problem: string | undefined
      for (const older of olderResults(own, components, names)) {
        const found = yield* outputsProblem(store, node.stage, older.record)
        if (found === undefined) {
          const record = acceptedRecord(planned, older, by)
          accepted.set(node.name, { planned, record })
          return record
        }
        problem ??= found
      }
      return leave(problem ?? whyNone(own, components, names))
    })
  }
  return { consider, accepted, left }
}

/** Fails, with nothing written, where nothing can be accepted, or a node that was named cannot. */
export const acceptStudy = Effect.fn("accept")(function* (
  study: Study,
  options: AcceptOptions
): Effect.fn.Return<AcceptResult, InputError | ArtifactError, Store | Code> {
  const { dryRun, nodes, who, why } = options
  const store = yield* Store
  const when = new Date(yield* Clock.currentTimeMillis).toISOString()
  const asked = (name: string): boolean => nodes.length === 0 || nodes.some((node) => isMember(name, node))
  const records = byNode(yield* store.records, study.graph.pipeline)
  const { consider, accepted, left } = collector(study, store, records, asked, { who, when, why })
  const planned = yield* plan(study, consider)
  yield* refuse(planned, options, accepted, left)
  if (!dryRun) for (const one of accepted.values()) yield* write(store, one)
  return {
    pipeline: study.graph.pipeline,
    accepted: [...accepted.values()],
    left: [...left.values()]
  }
})

const refuse = (
  { graph, nodes: planned }: Plan,
  { commands, nodes }: AcceptOptions,
  accepted: ReadonlyMap<string, AcceptedNode>,
  left: ReadonlyMap<string, LeftNode>
): Effect.Effect<void, InputError> => {
  const unknown = nodes.find((name) => !planned.some(({ node }) => isMember(node.name, name)))
  if (unknown !== undefined) {
    return Effect.fail(
      new InputError({
        what: `No node or group is named '${unknown}'.`,
        where: `--node ${unknown}`,
        expected: `one of ${planned
          .map(({ node }) => node.name)
          .slice(0, 50)
          .join(", ")}`,
        next: `'${commands.list}' shows the nodes`
      })
    )
  }
  if (left.size > 0 && (nodes.length > 0 || accepted.size === 0)) {
    const told = [...left].map(([name, { because }]) => `'${name}': ${because}`)
    return Effect.fail(
      new InputError({
        what: `${nodes.length > 0 ? "Not all that was named" : "Nothing"} can be accepted, and nothing was: ${told.slice(0, 10).join("; ")}${told.length > 10 ? `; and ${told.length - 10} more` : ""}.`,
        where: `pipeline ${graph.pipeline}`,
        expected:
          "nodes with an earlier result, whole in the store, that differs in code, captures or numerics alone",
        next: `'${commands.run}' computes what is left`
      })
    )
  }
  return accepted.size > 0
    ? Effect.void
    : Effect.fail(
        new InputError({
          what: "There is nothing to accept: every node that was asked for is current.",
          where: `pipeline ${graph.pipeline}`,
          next: `'${commands.plan}' shows what would run`
        })
      )
}

const write = (
  store: StoreShape,
  { planned, record }: AcceptedNode
): Effect.Effect<void, InputError | ArtifactError> =>
  Effect.scoped(
    Effect.gen(function* () {
      if (!(yield* store.lease(record.fingerprint))) {
        return yield* new InputError({
          what: `'${planned.node.name}' is being computed by another run.`,
          where: `record ${record.fingerprint}`,
          next: "wait until that run has ended, or stop it, and accept again; what was accepted so far is kept"
        })
      }
      yield* store.writeRecord(record)
      dropCheckpoints(store.root, record.fingerprint)
    })
  )
