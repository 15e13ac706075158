/**
 * One attempt at one node, in whatever process it is: opens the inputs, runs the stage with its services, stores what
 * it returns, looks whether the files it declares and the code it reads in place are still the same, writes the record,
 * drops the checkpoints. Everything that goes wrong comes back as a `StageError`.
 */
import { performance } from "node:perf_hooks"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import type { NodeRecord } from "../../artifacts/NodeRecord.ts"
import { Store } from "../../artifacts/Store.ts"
import type { StoreShape } from "../../artifacts/Store.ts"
import { ArtifactError, InputError, StageFailure } from "../../schemas/errors.ts"
import { own } from "../../schemas/named.ts"
import type { ExecutorServices, Hooks, Task } from "../executors/Executor.ts"
import { kindOf } from "../Stage.ts"
import { dropCheckpoints } from "./checkpoints.ts"
import { checkCodeInPlace } from "./codeInPlace.ts"
import { declaredFiles, isFileChange, type DeclaredFiles } from "./declaredFiles.ts"
import { NodeLog } from "./NodeLog.ts"
import { provenanceOf } from "./provenance.ts"
import { StageError } from "./StageError.ts"
import { stageServices } from "./stageServices.ts"

export interface ExecuteHooks extends Hooks {
  /** From now on a stop waits: for the next state that the stage offers, or for its outputs to be stored. */
  readonly mayGoOn?: () => void
}

export const executeNode = (
  task: Task,
  hooks: ExecuteHooks
): Effect.Effect<NodeRecord, StageError, ExecutorServices> =>
  Effect.gen(function* () {
    const store = yield* Store
    const log = new NodeLog(task.logFile)
    const started = new Date(yield* Clock.currentTimeMillis).toISOString()
    const begin = performance.now()
    const halt = haltOn(hooks)
    const mayGoOn = (): void => {
      halt.mayGoOn()
      hooks.mayGoOn?.()
    }
    let files: DeclaredFiles | undefined
    const services = stageServices({
      task,
      maySave: () => files?.problem(),
      storeRoot: store.root,
      log,
      progress: hooks.progress,
      stop: hooks.stop,
      onCheckpointing: mayGoOn,
      onStopped: halt.checkpointed,
      fileSystem: yield* FileSystem.FileSystem,
      path: yield* Path.Path
    })
    const work = Effect.gen(function* () {
      files = yield* declaredFiles(task.node, task.components.inputs)
      const inputs = yield* openInputs(store, task)
      const params = yield* Schema.decodeUnknownEffect(
        task.node.stage.params as unknown as Schema.Codec<unknown, unknown>
      )(task.node.params)
      const values = yield* task.node.stage.run({ params: params as never, inputs: inputs as never })
      if (!isStreamed(values)) {
        mayGoOn()
        hooks.worked?.()
      }
      const outputs = yield* storeOutputs(store, task, values)
      yield* files.check
      yield* checkCodeInPlace(task.node)
      return outputs
    }).pipe(Effect.provideContext(services.context), withTimeout(task.timeoutSeconds))
    const fiber = yield* Effect.forkChild(work)
    const quiet = halt.watch(() => fiber.interruptUnsafe())
    const exit = yield* Fiber.await(fiber).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          quiet()
          services.release()
        })
      )
    )
    if (halt.error() !== undefined) return yield* Effect.fail(halt.error()!)
    if (Exit.isFailure(exit)) {
      const found = (files as DeclaredFiles | undefined)?.problem()
      // A file that was taken away explains whatever the stage made of it.
      const error = stageError(
        found === undefined || isFileChange(Cause.squash(exit.cause)) ? exit.cause : Cause.fail(found)
      )
      log.write(`Attempt ${task.attempt} failed: ${stageError(exit.cause).trace ?? error.detail}`)
      return yield* Effect.fail(error)
    }
    const record: NodeRecord = {
      fingerprint: task.fingerprint,
      pipeline: task.pipeline,
      node: task.node.name,
      run: task.run,
      components: task.components,
      outputs: exit.value,
      started,
      seconds: Math.round((performance.now() - begin) * 1000) / 1e6,
      provenance: provenanceOf(task.node.stage.compute ? task.backend : null)
    }
    yield* store.writeRecord(record).pipe(Effect.mapError(artifactError))
    dropCheckpoints(store.root, task.fingerprint)
    return record
  })

// --- inputs and outputs ------------------------------------------------------------------------------------------

const openInputs = Effect.fnUntraced(function* (store: StoreShape, { node, inputs }: Task) {
  const opened: { [input: string]: unknown } = {}
  for (const input of Object.keys(node.wires)) {
    const wire = node.wires[input]!
    const kind = kindOf(node.stage.inputs[input]!)
    if (wire.type === "one") {
      opened[input] = yield* store.open(kind, inputs[input]!)
      continue
    }
    const members: Array<{ readonly name: string; readonly artifact: unknown }> = []
    for (const { name } of wire.members) {
      members.push({ name, artifact: yield* store.open(kind, inputs[`${input}[${name}]`]!) })
    }
    opened[input] = members
  }
  return opened
})

const storeOutputs = Effect.fnUntraced(function* (
  store: StoreShape,
  { node, pipeline, fingerprint, inputs }: Task,
  values: { readonly [output: string]: unknown }
) {
  const declared = Object.keys(node.stage.outputs)
  const returned = typeof values === "object" && values !== null ? values : {}
  const absent = declared.filter((output) => own(returned, output) === undefined)
  const extra = Object.keys(returned).filter((output) => !declared.includes(output))
  if (absent.length > 0 || extra.length > 0) {
    return yield* new StageFailure({
      what: `The stage returned ${
        absent.length > 0
          ? `no '${absent.join("', '")}'`
          : `'${extra.join("', '")}', which it does not declare`
      }; it declares ${declared.join(", ")}.`,
      next: `correct what stage ${node.stage.id} returns`
    })
  }
  const lineage = [...new Set(Object.values(inputs))].sort()
  const outputs: { [output: string]: string } = {}
  for (const output of declared) {
    const producer = { pipeline, node: node.name, output, stage: node.stage.id, fingerprint }
    const manifest = yield* store.write(node.stage.outputs[output]!, returned[output], producer, lineage)
    outputs[output] = manifest.digest
  }
  return outputs
})

// --- stopping ----------------------------------------------------------------------------------------------------

/** Whether an output is still to be computed, block by block, while it is stored. */
const isStreamed = (values: { readonly [output: string]: unknown }): boolean =>
  Object.values(values ?? {}).some(
    (value) => typeof value === "object" && value !== null && "blocks" in value
  )

/**
 * When the run is asked to stop: a stage that uses checkpoints is left alone until it has offered its next state, one
 * that only stores its outputs may finish, any other is interrupted at once, for nothing of it could be kept.
 */
const haltOn = ({ stop }: Hooks) => {
  let mayGoOn = false
  let error: StageError | undefined
  let interrupt: () => void = () => undefined
  const halt = (checkpointed: boolean): void => {
    error ??= new StageError({
      reason: "interrupted",
      detail: checkpointed ? "It was stopped after saving its state." : "It was stopped.",
      next: null,
      trace: null,
      checkpointed
    })
    interrupt()
  }
  return {
    mayGoOn: () => void (mayGoOn = true),
    checkpointed: () => halt(true),
    /** Set once the attempt was halted; whatever the stage then ended with does not count. */
    error: () => error,
    watch: (stopStage: () => void) => {
      interrupt = stopStage
      if (error !== undefined) stopStage()
      return stop.listen((level) => {
        if (level === 2 || !mayGoOn) halt(false)
      })
    }
  }
}

const withTimeout =
  (seconds: number | null) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | StageError, R> =>
    seconds === null
      ? self
      : Effect.timeoutOrElse(self, {
          duration: seconds * 1000,
          orElse: () => Effect.fail(timeoutError(seconds))
        })

// --- errors ------------------------------------------------------------------------------------------------------

export const timeoutError = (seconds: number): StageError =>
  new StageError({
    reason: "timeout",
    detail: `It took longer than its limit of ${seconds} s.`,
    next: "raise the stage's `timeout`, or give it less to do, and run again",
    trace: null,
    checkpointed: false
  })

/** The error's own sentence without its "next", which is told apart. */
const withoutNext = (error: InputError | ArtifactError): string =>
  error.next === undefined ? error.message : error.message.slice(0, -` Next: ${error.next}.`.length)

const artifactError = (error: ArtifactError): StageError =>
  new StageError({
    reason: "artifact",
    detail: withoutNext(error),
    next: error.next ?? null,
    trace: null,
    checkpointed: false
  })

/** What a stage threw, without the wrapping that `Effect.tryPromise` adds. */
const innermost = (error: unknown): unknown =>
  Cause.isUnknownError(error) && error.cause !== undefined ? innermost(error.cause) : error

/** What the user is told of a failed attempt. */
export const stageError = (cause: Cause.Cause<unknown>): StageError => {
  const error = innermost(Cause.squash(cause))
  if (error instanceof StageError) return error
  const common = { trace: Cause.pretty(cause), checkpointed: false }
  if (error instanceof InputError)
    return new StageError({
      reason: "input",
      detail: withoutNext(error),
      next: error.next ?? null,
      ...common
    })
  if (error instanceof ArtifactError)
    return new StageError({
      reason: "artifact",
      detail: withoutNext(error),
      next: error.next ?? null,
      ...common
    })
  if (error instanceof StageFailure)
    return new StageError({ reason: "stage", detail: error.what, next: error.next ?? null, ...common })
  const detail = error instanceof Error ? error.message : String(error)
  return new StageError({
    reason: "stage",
    detail: detail === "" ? "It failed." : detail,
    next: null,
    ...common
  })
}
