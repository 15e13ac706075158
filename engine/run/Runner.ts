/**
 * The loop of a run. A node is *settled* once its producers are done: its fingerprint is known, and either its record
 * is found (early cut-off) or it joins the queue of nodes that are ready. Ready nodes start as the executor's capacity
 * allows, each in a fiber of its own; what comes of them arrives in one mailbox. What a node computes never depends on
 * the order in which nodes run.
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { NodeRecord } from "../../artifacts/NodeRecord.ts"
import type { StoreShape } from "../../artifacts/Store.ts"
import type { ArtifactError, InputError } from "../../schemas/errors.ts"
import type { Executor, ExecutorServices } from "../executors/Executor.ts"
import { Code } from "../fingerprint/Code.ts"
import { componentsOf } from "../fingerprint/Fingerprint.ts"
import { fileInputs } from "../fingerprint/files.ts"
import { eachInput, inputSources } from "../fingerprint/inputs.ts"
import { fingerprintOrFail } from "../plan/planStudy.ts"
import type { Plan } from "../plan/Plan.ts"
import type { Study } from "../Study.ts"
import type { Outcome } from "./attempt.ts"
import { attemptNode, servable } from "./attempt.ts"
import type { RunEvent } from "./events.ts"
import { stageError } from "./executeNode.ts"
import { NodeFailed } from "./NodeFailed.ts"
import { NodeLog, logFileOf } from "./NodeLog.ts"
import type { NodeState } from "./NodeState.ts"
import { isDone, nodeStates } from "./NodeState.ts"
import { needsOf } from "./needs.ts"
import { nextStep } from "./nextStep.ts"
import { Ready } from "./Ready.ts"
import type { StageError } from "./StageError.ts"
import type { Stop } from "./Stop.ts"

type Untimed<E> = E extends RunEvent ? Omit<E, "time"> : never
export type Emit = (event: Untimed<RunEvent>) => void

export interface RunnerOptions {
  readonly study: Study
  readonly plan: Plan
  readonly store: StoreShape
  readonly executor: Executor
  readonly run: string
  readonly runDirectory: string
  readonly keepGoing: boolean
  readonly checkpointSeconds: number
  readonly command: ReadonlyArray<string>
  readonly stop: Stop
  readonly emit: Emit
}

type Message =
  | { readonly type: "outcome"; readonly state: NodeState; readonly outcome: Outcome }
  | { readonly type: "worked"; readonly state: NodeState }
  | { readonly type: "look-again"; readonly state: NodeState }
  | { readonly type: "stop" }

/** Nodes whose outputs are being made durable while others have their place. Their values are still in memory. */
const mostSettling = 8

/** How often a node's inputs are computed again before it fails. */
const mostRepairs = 3

const stopped = (stop: Stop): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const quiet = stop.listen(() => resume(Effect.void))
    return Effect.sync(quiet)
  })

export class Runner {
  readonly states: ReadonlyMap<string, NodeState>
  readonly failures: Array<NodeFailed> = []
  readonly #options: RunnerOptions
  readonly #ready: Ready<NodeState>
  readonly #toSettle: Array<NodeState> = []
  /** Fingerprints being computed here, and the nodes that wait for the same one. */
  readonly #inFlight = new Map<string, Array<NodeState>>()
  /** Nodes that were started and whose outcome has not arrived. */
  readonly active = new Set<NodeState>()
  /** Those of them that have given their place to others already. */
  readonly #settling = new Set<NodeState>()
  /** Fingerprints that were ever computed, or waited for, in this run. */
  readonly #started = new Set<string>()
  #waiting = 0
  /** A failure without `keepGoing`: nothing more is started. */
  #closed = false

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#ready = new Ready(options.executor.capacity)
    this.states = nodeStates(options.plan.nodes)
  }

  /** Returns when every node that can be done is done, or when the run was stopped. */
  readonly loop: Effect.Effect<void, never, ExecutorServices> = Effect.gen({ self: this }, function* () {
    const { stop } = this.#options
    const mailbox = yield* Queue.unbounded<Message>()
    const quiet = stop.listen(() => Queue.offerUnsafe(mailbox, { type: "stop" }))
    for (const state of this.states.values()) {
      if (!isDone(state) && state.blockedBy.size === 0) this.#toSettle.push(state)
    }
    while (stop.level < 2) {
      if (stop.level === 0 && !this.#closed) {
        // Looking may wait for a `gc`, and a stop is heard meanwhile.
        if (this.#toSettle.length > 0) yield* Effect.raceFirst(this.#settleAll(), stopped(stop))
        for (let state = this.#next(); state !== undefined; state = this.#next()) {
          yield* Effect.forkChild(this.#start(state, mailbox))
        }
      }
      const open = stop.level === 0 && !this.#closed
      if (this.active.size === 0 && !(open && this.#waiting > 0)) break
      const message = yield* Queue.take(mailbox)
      if (message.type === "worked") this.#giveUpPlace(message.state)
      if (message.type === "outcome") this.#handle(message.state, message.outcome, mailbox)
      if (message.type === "look-again") {
        this.#waiting -= 1
        this.#toSettle.push(message.state)
      }
    }
    quiet()
    if (stop.level === 0) this.#skipRest()
  })

  // --- before a node runs ----------------------------------------------------------------------------------------

  readonly #settleAll = Effect.fnUntraced(function* (this: Runner) {
    // Settling may finish nodes and so add more to the end.
    for (let i = 0; i < this.#toSettle.length; i++) {
      const state = this.#toSettle[i]!
      const problem = yield* Effect.catchCause(this.#settle(state), (cause) =>
        Effect.succeed(stageError(cause))
      )
      if (problem !== undefined) this.#fail(state, problem)
      if (this.#closed) break
    }
    this.#toSettle.length = 0
  })

  readonly #settle = Effect.fnUntraced(function* (
    this: Runner,
    state: NodeState
  ): Effect.fn.Return<undefined, InputError | ArtifactError, Code> {
    const { study, plan, store } = this.#options
    const inputs: { [input: string]: string } = {}
    eachInput(state.node, (key, handle) => {
      inputs[key] = this.states.get(handle.node)!.outputs![handle.output]!
    })
    const code = yield* Code
    state.inputs = inputs
    state.components = componentsOf(state.node, {
      code: yield* code.stage(state.node.stage),
      inputs:
        state.node.stage.files === undefined
          ? inputs
          : { ...inputs, ...(yield* fileInputs(state.node, plan.files)) },
      studySeed: study.seed,
      numerics: plan.numerics
    })
    state.fingerprint = yield* fingerprintOrFail(state.node, state.components)
    const same = this.#inFlight.get(state.fingerprint)
    if (same !== undefined) {
      same.push(state)
      return
    }
    // The plan has just looked for the ones it could know; they are looked for once more under their lease.
    const looked = state.fingerprint === state.planned.fingerprint && !this.#started.has(state.fingerprint)
    const record = looked ? undefined : yield* servable(store, state.fingerprint)
    if (record !== undefined) {
      this.#finish(state, "cut-off", record)
      return
    }
    state.needs ??= yield* needsOf(state.node, study.backend)
    // Known from here on: a second node with this fingerprint waits for the first.
    this.#inFlight.set(state.fingerprint, [])
    this.#started.add(state.fingerprint)
    this.#ready.add(state.needs, state)
  })

  readonly #next = (): NodeState | undefined => (this.#closed ? undefined : this.#ready.take())

  // --- while it runs ---------------------------------------------------------------------------------------------

  #start(state: NodeState, mailbox: Queue.Queue<Message>): Effect.Effect<void, never, ExecutorServices> {
    const { store, executor, run, runDirectory, study, checkpointSeconds, stop, emit } = this.#options
    const { node, planned } = state
    const fingerprint = state.fingerprint!
    const about = { node: node.name, stage: node.stage.id }
    this.active.add(state)
    return Effect.map(
      attemptNode({
        store,
        executor,
        stop,
        task: {
          run,
          pipeline: study.graph.pipeline,
          node,
          fingerprint,
          components: state.components!,
          inputs: state.inputs,
          backend: study.backend,
          checkpointSeconds,
          logFile: logFileOf(runDirectory, node.name),
          timeoutSeconds: state.needs!.timeoutSeconds
        },
        retries: state.needs!.retries,
        onStart: (attempt, resumed) =>
          emit({
            type: "NodeStarted",
            ...about,
            fingerprint,
            attempt,
            resumed,
            expectedSeconds: planned.expectedSeconds
          }),
        onRetry: (attempt, reason) => emit({ type: "NodeRetrying", ...about, attempt, reason }),
        onProgress: (done, total, note) => emit({ type: "NodeProgress", ...about, done, total, note }),
        onWorked: () => void Queue.offerUnsafe(mailbox, { type: "worked", state })
      }),
      (outcome) => void Queue.offerUnsafe(mailbox, { type: "outcome", state, outcome })
    )
  }

  /** A place is for work; flushing files to the disk waits, and need not hold one. */
  #giveUpPlace(state: NodeState): void {
    if (this.#settling.size >= mostSettling || !this.active.has(state)) return
    this.#settling.add(state)
    this.#ready.release(state.needs!)
  }

  #handle(state: NodeState, outcome: Outcome, mailbox: Queue.Queue<Message>): void {
    this.active.delete(state)
    if (!this.#settling.delete(state)) this.#ready.release(state.needs!)
    for (const waiting of this.#inFlight.get(state.fingerprint!)!) this.#toSettle.push(waiting)
    this.#inFlight.delete(state.fingerprint!)
    switch (outcome.type) {
      case "ran":
        return this.#finish(state, outcome.resumed ? "resumed" : "ran", outcome.record)
      case "shared":
        return this.#finish(state, "cut-off", outcome.record)
      case "held":
        return this.#lookAgain(state, mailbox)
      case "inputs-gone":
        return this.#repair(state, outcome.digests, outcome.error)
      case "failed":
        return outcome.error.reason === "interrupted"
          ? this.#interrupted(state, outcome.error)
          : this.#fail(state, outcome.error)
    }
  }

  /** Another process computes it: look for its record, or for its lease to lapse, after a little while. */
  #lookAgain(state: NodeState, mailbox: Queue.Queue<Message>): void {
    if (state.waits === 0) {
      this.#options.emit({
        type: "NodeWaiting",
        node: state.node.name,
        stage: state.node.stage.id,
        fingerprint: state.fingerprint!
      })
    }
    const delay = Math.min(1000, 50 * 1.5 ** state.waits++)
    this.#waiting += 1
    const timer = setTimeout(() => {
      quiet()
      Queue.offerUnsafe(mailbox, { type: "look-again", state })
    }, delay)
    const quiet = this.#options.stop.listen(() => clearTimeout(timer))
  }

  /** Has the producers of lost inputs run again, then the node. */
  #repair(state: NodeState, digests: ReadonlySet<string>, error: StageError): void {
    eachInput(state.node, (key, handle) => {
      const producer = this.states.get(handle.node)!
      if (!digests.has(state.inputs[key]!) || state.blockedBy.has(producer)) return
      state.blockedBy.add(producer)
      if (!producer.consumers.includes(state)) producer.consumers.push(state)
    })
    if (state.repairs++ >= mostRepairs || state.blockedBy.size === 0) return this.#fail(state, error)
    const producers = [...state.blockedBy]
    this.#options.emit({
      type: "NodeRepairing",
      node: state.node.name,
      stage: state.node.stage.id,
      producers: producers.map((producer) => producer.node.name)
    })
    for (const producer of producers) {
      if (!isDone(producer)) continue
      producer.status = "pending"
      this.#toSettle.push(producer)
    }
  }

  // --- after it ran ----------------------------------------------------------------------------------------------

  #finish(
    state: NodeState,
    status: "cut-off" | "ran" | "resumed",
    { accepted, outputs, seconds }: NodeRecord
  ): void {
    state.status = status
    state.outputs = outputs
    state.seconds = seconds
    state.accepted = accepted ?? null
    const about = {
      node: state.node.name,
      stage: state.node.stage.id,
      fingerprint: state.fingerprint!,
      outputs
    }
    this.#options.emit(
      status === "cut-off" ? { type: "NodeCutOff", ...about } : { type: "NodeFinished", ...about, seconds }
    )
    for (const consumer of state.consumers) {
      if (consumer.blockedBy.delete(state) && consumer.blockedBy.size === 0) this.#toSettle.push(consumer)
    }
  }

  #fail(state: NodeState, error: StageError): void {
    const { command, runDirectory } = this.#options
    const log = new NodeLog(logFileOf(runDirectory, state.node.name))
    const failure = new NodeFailed({
      node: state.node.name,
      stage: state.node.stage.id,
      inputs: inputSources(state.node),
      reason: error.detail,
      log: log.exists ? log.path : null,
      next: nextStep(error.next, command, state.node.name),
      input: error.reason === "input"
    })
    state.status = "failed"
    state.failure = failure.message
    this.failures.push(failure)
    if (!this.#options.keepGoing) this.#closed = true
    this.#options.emit({
      type: "NodeFailed",
      node: failure.node,
      stage: failure.stage,
      message: failure.message,
      log: failure.log,
      input: failure.input
    })
  }

  #interrupted(state: NodeState, error: StageError): void {
    state.status = "interrupted"
    this.#options.emit({
      type: "NodeInterrupted",
      node: state.node.name,
      stage: state.node.stage.id,
      checkpointed: error.checkpointed
    })
  }

  /** Whatever is left could not run: because of failed nodes it needs, or because the run ended at a failure. */
  #skipRest(): void {
    const because = new Map<NodeState, ReadonlyArray<string>>()
    for (const state of this.states.values()) {
      if (state.status === "failed") because.set(state, [state.node.name])
      if (state.status !== "pending") continue
      const causes = new Set<string>()
      eachInput(state.node, (_, handle) => {
        for (const name of because.get(this.states.get(handle.node)!) ?? []) causes.add(name)
      })
      because.set(state, [...causes])
      state.status = "skipped"
      this.#options.emit({
        type: "NodeSkipped",
        node: state.node.name,
        stage: state.node.stage.id,
        because: [...causes]
      })
    }
  }
}
