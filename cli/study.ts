/**
 * From a command line to a study: finds the pipeline, applies the overrides, and knows how a child process rebuilds the
 * same graph.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import type { Overrides } from "../engine/Pipeline.ts"
import type { BackendChoice } from "../engine/services/Backend.ts"
import { wantedNodes } from "../engine/plan/wanted.ts"
import type { Study } from "../engine/Study.ts"
import { InputError } from "../schemas/errors.ts"
import { findPipeline } from "./modules.ts"
import { overrideFlags, parseOverrides } from "./overrides.ts"
import { numericsOf } from "./numerics.ts"

export const studyFlags = {
  pipeline: Argument.String("pipeline").pipe(
    Argument.withDescription("a pipeline's name, or a file such as ./my-pipeline.ts")
  ),
  ...overrideFlags,
  seed: Flag.String("seed").pipe(
    Flag.withMetavar("n"),
    Flag.withDescription("the study's seed; every node's own seed is derived from it and the node's name"),
    Flag.withDefault("0")
  ),
  backend: Flag.Literals("backend", ["onnx", "tfjs", "reference"]).pipe(
    Flag.withDescription("what tensor programs run on"),
    Flag.withDefault("onnx" as const)
  ),
  device: Flag.Literals("device", ["cpu", "cuda", "webgpu"]).pipe(
    Flag.withDescription(
      "where tensor programs run; a device that is absent is an error, never a silent fall-back"
    ),
    Flag.withDefault("cpu" as const)
  ),
  until: Flag.String("until").pipe(
    Flag.withMetavar("node"),
    Flag.withDescription("only this node and what it needs"),
    Flag.optional
  )
}

/** What rebuilds a study, as typed; plain JSON, handed to child processes. */
export const StudyRequest = Schema.Struct({
  pipeline: Schema.String,
  set: Schema.Array(Schema.String),
  swap: Schema.Array(Schema.String),
  seed: Schema.String,
  backend: Schema.Literals(["onnx", "tfjs", "reference"]),
  device: Schema.Literals(["cpu", "cuda", "webgpu"]),
  until: Schema.NullOr(Schema.String)
})
export type StudyRequest = typeof StudyRequest.Type

export const studyRequest = (given: {
  readonly pipeline: string
  readonly set: ReadonlyArray<string>
  readonly swap: ReadonlyArray<string>
  readonly seed: string
  readonly backend: BackendChoice["backend"]
  readonly device: BackendChoice["device"]
  readonly until: Option.Option<string>
}): StudyRequest => ({
  pipeline: given.pipeline,
  set: given.set,
  swap: given.swap,
  seed: given.seed,
  backend: given.backend,
  device: given.device,
  until: Option.getOrNull(given.until)
})

export const buildGraph = Effect.fn("buildGraph")(function* (request: StudyRequest) {
  const pipeline = yield* findPipeline(request.pipeline)
  const overrides: Overrides = yield* parseOverrides(request)
  return yield* pipeline.build(overrides).pipe(Effect.mapError(asTyped(pipeline.name, request)))
})

/** Hints name the pipeline as it was typed: `asterism list ./my-pipeline.ts`, not by a name that only the file knows. */
const asTyped =
  (name: string, request: StudyRequest) =>
  (error: InputError): InputError =>
    error.next === undefined
      ? error
      : new InputError({
          what: error.what,
          ...(error.where === undefined ? {} : { where: error.where }),
          ...(error.expected === undefined ? {} : { expected: error.expected }),
          next: error.next.replaceAll(`'asterism list ${name}'`, `'asterism list ${request.pipeline}'`)
        })

export const makeStudy = Effect.fn("makeStudy")(function* (request: StudyRequest) {
  const backend: BackendChoice = { backend: request.backend, device: request.device }
  const study: Study = {
    graph: yield* buildGraph(request),
    seed: request.seed,
    backend,
    numerics: numericsOf(backend),
    ...(request.until === null ? {} : { until: request.until })
  }
  // A misspelt node is told before anything else is looked at.
  yield* wantedNodes(study).pipe(Effect.mapError(asTyped(study.graph.pipeline, request)))
  return study
})
