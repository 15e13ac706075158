/** Runs a study: plans it, executes what is not cached, and leaves a run folder behind. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { ownIdentity } from "../../artifacts/store/processIdentity.ts"
import { Store } from "../../artifacts/Store.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import { InputError } from "../../schemas/errors.ts"
import type { Executor, ExecutorServices } from "../executors/Executor.ts"
import type { Plan } from "../plan/Plan.ts"
import { plan as planStudy } from "../plan/planStudy.ts"
import type { Study } from "../Study.ts"
import type { Counts, RunEvent, RunStatus } from "./events.ts"
import type { NodeFailed } from "./NodeFailed.ts"
import type { NodeState } from "./NodeState.ts"
import { isDone, nodeStates, runNode } from "./NodeState.ts"
import { needsOf } from "./needs.ts"
import type { RunFile } from "./RunFile.ts"
import type { RunFolder } from "./RunFolder.ts"
import { createRunFolder } from "./RunFolder.ts"
import type { Emit } from "./Runner.ts"
import { Runner } from "./Runner.ts"
import { withSignals } from "./signals.ts"
import { Stop } from "./Stop.ts"

export interface RunOptions {
  readonly executor: Executor
  /** After a failure go on with every node that does not need the failed one; default false. */
  readonly keepGoing?: boolean
  /** What the user typed, for `run.json` and for the "next" of failures. */
  readonly command: ReadonlyArray<string>
  /** Of asterism, Node and whatever else the results may depend on. */
  readonly versions: { readonly [name: string]: string }
  /** What it runs on, for `run.json` and the report. */
  readonly machine?: { readonly [name: string]: string }
  /** Called for each event as it happens. Must not throw and must be quick. */
  readonly onEvent?: (event: RunEvent) => void
  /** Least seconds between two checkpoints of a node; default 30. */
  readonly checkpointSeconds?: number
  /**
   * Whether SIGINT, SIGTERM and SIGHUP stop the run: the first lets stages save their state, the second stops at once; default
   * true. Whoever runs this effect must then not interrupt it on these signals itself.
   */
  readonly signals?: boolean
  /** Stops the run from inside the program, as a signal would. */
  readonly stop?: Stop
}

export interface RunResult {
  readonly id: string
  readonly directory: string
  readonly file: RunFile
  readonly failures: ReadonlyArray<NodeFailed>
  /** 0 done, 1 a stage failed, 2 bad input in a stage, 130 interrupted. */
  readonly exitCode: 0 | 1 | 2 | 130
}

/** Succeeds whether or not nodes failed: see `exitCode`. Fails only where the run could not be started or recorded. */
export const run = Effect.fn("run")(function* (
  study: Study,
  options: RunOptions
): Effect.fn.Return<RunResult, InputError | ArtifactError, ExecutorServices> {
  const store = yield* Store
  const plan = yield* store.holding(planStudy(study), namedIn)
  yield* checkNeeds(plan, study, options.executor)
  const begin = yield* Clock.currentTimeMillis
  const folder = yield* createRunFolder(store.root, begin)
  yield* store.hold([folder.id])
  const stop = options.stop ?? new Stop()
  const emit = emitter(folder, options.onEvent)
  emit({
    type: "RunStarted",
    run: folder.id,
    pipeline: study.graph.pipeline,
    nodes: plan.nodes.length,
    cached: plan.cached,
    expectedSeconds: plan.expectedSeconds > 0 ? plan.expectedSeconds : null
  })
  for (const { node, status, fingerprint, outputs } of plan.nodes) {
    if (status !== "cached") continue
    emit({
      type: "NodeCached",
      node: node.name,
      stage: node.stage.id,
      fingerprint: fingerprint!,
      outputs: outputs!
    })
  }
  const describe = (
    status: RunStatus,
    seconds: number | null,
    states: ReadonlyMap<string, NodeState>
  ): RunFile => ({
    ...runFileHead(study, options, plan),
    id: folder.id,
    status,
    started: new Date(begin).toISOString(),
    seconds,
    counts: countsOf(states),
    nodes: Object.fromEntries(Array.from(states, ([name, state]) => [name, runNode(state)]))
  })
  const finish = Effect.fnUntraced(function* (
    states: ReadonlyMap<string, NodeState>,
    failures: ReadonlyArray<NodeFailed>
  ) {
    const complete = Array.from(states.values()).every(isDone)
    const status = complete ? "done" : failures.length > 0 && stop.level === 0 ? "failed" : "interrupted"
    const seconds = ((yield* Clock.currentTimeMillis) - begin) / 1000
    const file = describe(status, seconds, states)
    emit({ type: "RunFinished", run: folder.id, status, seconds, counts: file.counts })
    folder.flush()
    yield* folder.write(file)
    return { id: folder.id, directory: folder.directory, file, failures, exitCode: exitCode(file, failures) }
  })
  if (plan.cached === plan.nodes.length) return yield* finish(nodeStates(plan.nodes), [])
  const runner = new Runner({
    study,
    plan,
    store,
    executor: options.executor,
    run: folder.id,
    runDirectory: folder.directory,
    keepGoing: options.keepGoing ?? false,
    checkpointSeconds: options.checkpointSeconds ?? 30,
    command: options.command,
    stop,
    emit
  })
  folder.flush()
  yield* folder.write(describe("running", null, runner.states))
  const running = Effect.scoped(runner.loop).pipe(
    // Whoever interrupts the run still finds a run that says so.
    Effect.onInterrupt(() => {
      stop.request()
      return Effect.ignore(finish(runner.states, runner.failures))
    })
  )
  yield* options.signals === false
    ? running
    : withSignals((signal) => {
        emit({ type: "RunStopping", signal })
        folder.flush()
        stop.request()
      })(running)
  for (const state of runner.states.values()) {
    // Stopped at once: what was going on is lost back to its last checkpoint.
    if (state.status === "pending" && runner.active.has(state)) state.status = "interrupted"
  }
  return yield* finish(runner.states, runner.failures)
})

/** What the run needs of what is there: cached results, and the checkpoints of what it will resume. */
const namedIn = ({ nodes }: Plan): ReadonlyArray<string> =>
  nodes.flatMap(({ fingerprint, outputs }) => [
    ...(fingerprint === null ? [] : [fingerprint]),
    ...Object.values(outputs ?? {})
  ])

/** A node that could never start is bad input, and told before anything runs. */
const checkNeeds = Effect.fnUntraced(function* (plan: Plan, study: Study, { name, capacity }: Executor) {
  for (const { node, status } of plan.nodes) {
    if (status === "cached") continue
    const { gpu } = yield* needsOf(node, study.backend)
    if (capacity === null || gpu <= capacity.gpu) continue
    return yield* new InputError({
      what: `'${node.name}' needs ${gpu} graphics card${gpu === 1 ? "" : "s"}, and there ${capacity.gpu === 1 ? "is" : "are"} ${capacity.gpu} for the ${name} executor.`,
      where: `node ${node.name} (stage ${node.stage.id})`,
      next: "'asterism doctor' shows what this machine can run; --device cpu computes without a card where the stage allows it"
    })
  }
})

const emitter = (folder: RunFolder, onEvent: RunOptions["onEvent"]): Emit => {
  const lastProgress = new Map<string, number>()
  return (untimed) => {
    const event = { ...untimed, time: Date.now() } as RunEvent
    onEvent?.(event)
    if (event.type === "NodeProgress") {
      // The file keeps two-second steps: a training of hours must not write a diary of its own size.
      if (event.time - (lastProgress.get(event.node) ?? 0) < 2000) return
      lastProgress.set(event.node, event.time)
    }
    folder.append(event)
  }
}

const runFileHead = (study: Study, options: RunOptions, plan: Plan) => ({
  pipeline: study.graph.pipeline,
  description: study.graph.description,
  command: options.command,
  seed: study.seed,
  backend: { backend: study.backend.backend, device: study.backend.device },
  numerics: plan.numerics,
  until: study.until ?? null,
  jobs: options.executor.capacity?.cpu ?? 0,
  executor: options.executor.name,
  process: ownIdentity(),
  ...(options.machine === undefined ? {} : { machine: options.machine }),
  versions: options.versions
})

export const countsOf = (states: ReadonlyMap<string, { readonly status: NodeState["status"] }>): Counts => {
  const counts = { cached: 0, cutOff: 0, ran: 0, failed: 0, skipped: 0, interrupted: 0 }
  for (const { status } of states.values()) {
    if (status === "cut-off") counts.cutOff += 1
    else if (status === "resumed") counts.ran += 1
    else if (status !== "pending") counts[status] += 1
  }
  return counts
}

const exitCode = (file: RunFile, failures: ReadonlyArray<NodeFailed>): RunResult["exitCode"] => {
  if (file.status === "done") return 0
  if (file.status === "interrupted") return 130
  return failures.every((failure) => failure.input) ? 2 : 1
}
