/** `asterism list [pipeline]`: pipelines, their nodes and stages, parameters with their defaults. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import type { Graph, Pipeline } from "../../engine/Pipeline.ts"
import { noOverrides } from "../../engine/Pipeline.ts"
import { fieldNames } from "../../engine/internal/building.ts"
import type { Stage } from "../../engine/Stage.ts"
import { isEach, isOptional, kindOf } from "../../engine/Stage.ts"
import { pipelines } from "../../pipelines/index.ts"
import { findPipeline } from "../modules.ts"
import { columns, result } from "../output.ts"

const describeStage = (stage: Stage) => ({
  id: stage.id,
  description: stage.description,
  params: paramsOf(stage.params),
  inputs: Object.fromEntries(
    Object.entries(stage.inputs).map(([name, spec]) => [
      name,
      `${isEach(spec) ? "each " : isOptional(spec) ? "optional " : ""}${kindOf(spec).name}`
    ])
  ),
  outputs: Object.fromEntries(Object.entries(stage.outputs).map(([name, kind]) => [name, kind.name])),
  resources: stage.resources
})

/** Each parameter's default, or "required". */
const paramsOf = (schema: Schema.Top): { readonly [name: string]: unknown } => {
  const fields = "fields" in schema ? (schema.fields as { readonly [name: string]: Schema.Top }) : {}
  return Object.fromEntries(
    fieldNames(schema).map((name) => {
      const one = Schema.Struct({ [name]: fields[name]! }) as unknown as Schema.Codec<unknown, unknown>
      const decoded = Schema.decodeUnknownExit(one)(Object.create(null))
      return [
        name,
        Exit.isSuccess(decoded) ? (decoded.value as { [name: string]: unknown })[name] : "required"
      ]
    })
  )
}

const describePipeline = (pipeline: Pipeline, graph: Graph) => ({
  name: pipeline.name,
  description: pipeline.description,
  params: paramsOf(pipeline.params),
  nodes: [...graph.nodes.values()].map((node) => ({
    name: node.name,
    stage: node.stage.id,
    params: node.params,
    inputs: Object.fromEntries(
      Object.entries(node.wires).map(([input, wire]) => [
        input,
        wire.type === "one"
          ? `${wire.handle.node}.${wire.handle.output}`
          : wire.members.map((member) => `${member.handle.node}.${member.handle.output}`)
      ])
    )
  })),
  stages: [
    ...new Map([...graph.nodes.values()].map((node) => [node.stage.id, describeStage(node.stage)])).values()
  ]
})

type Listed = ReturnType<typeof describePipeline>

const paramText = (params: { readonly [name: string]: unknown }): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${value === "required" ? "<required>" : JSON.stringify(value)}`)
    .join(" ")

const overview = (all: ReadonlyArray<Listed>): string =>
  [
    "Pipelines",
    columns(
      all.map((pipeline) => [`  ${pipeline.name}`, `${pipeline.nodes.length} nodes`, pipeline.description])
    ),
    "",
    "Stages",
    columns(
      [...new Map(all.flatMap((pipeline) => pipeline.stages).map((stage) => [stage.id, stage])).values()]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map((stage) => [`  ${stage.id}`, stage.description])
    ),
    "",
    "'asterism list <pipeline>' shows its nodes, stages and parameters."
  ].join("\n")

const detail = (pipeline: Listed): string =>
  [
    `${pipeline.name}: ${pipeline.description}`,
    ...(Object.keys(pipeline.params).length === 0
      ? []
      : [`Set with --set ${pipeline.name}.<param>=<value>: ${paramText(pipeline.params)}`]),
    "",
    "Nodes",
    columns(pipeline.nodes.map((node) => [`  ${node.name}`, node.stage, paramText(node.params)])),
    "",
    "Stages",
    ...pipeline.stages.flatMap((stage) => [
      `  ${stage.id}: ${stage.description}`,
      `    ${
        Object.entries(stage.inputs)
          .map(([name, kind]) => `${name}: ${kind}`)
          .join(", ") || "(nothing)"
      } → ${Object.entries(stage.outputs)
        .map(([name, kind]) => `${name}: ${kind}`)
        .join(", ")}`,
      ...(Object.keys(stage.params).length === 0 ? [] : [`    params: ${paramText(stage.params)}`])
    ])
  ].join("\n")

export const list = Command.make(
  "list",
  {
    pipeline: Argument.String("pipeline").pipe(
      Argument.withDescription("a pipeline's name or file"),
      Argument.optional
    )
  },
  Effect.fn("list")(function* ({ pipeline }) {
    const names = Option.isSome(pipeline) ? [pipeline.value] : Object.keys(pipelines)
    const listed = yield* Effect.forEach(names, (name) =>
      Effect.gen(function* () {
        const found = yield* findPipeline(name)
        return describePipeline(found, yield* found.build(noOverrides))
      })
    )
    yield* Option.isSome(pipeline)
      ? result(listed[0], () => detail(listed[0]!))
      : result({ pipelines: listed }, () => overview(listed))
  })
).pipe(Command.withDescription("pipelines and stages, with their parameters and defaults"))
