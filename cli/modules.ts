/**
 * Finds pipelines and stages by name or by file: `words`, `./my-pipeline.ts`, `./my-stage.ts#export`. Files were bundled
 * with the program before it started (bin/load.mjs), so that they share one copy of Effect and of asterism.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import type { Pipeline } from "../engine/Pipeline.ts"
import { isPipeline } from "../engine/Pipeline.ts"
import type { Stage } from "../engine/Stage.ts"
import { isStage } from "../engine/Stage.ts"
import { pipelines } from "../pipelines/index.ts"
import { InputError } from "../schemas/errors.ts"
import { own } from "../schemas/named.ts"

export type Modules = { readonly [path: string]: () => Promise<unknown> }

/** The user's modules that the program was bundled with. */
export class UserModules extends Context.Service<UserModules, Modules>()("asterism/cli/UserModules") {}

/** Stage names hold slashes too (`sae/train`): only a path that starts like one, or an extension, names a file. */
const looksLikeFile = (reference: string): boolean =>
  /\.(ts|mts|js|mjs)(#.*)?$/.test(reference) || /^(\.{0,2}[/\\]|[A-Za-z]:[/\\])/.test(reference)

/** `file#export`, where a file's own name may hold `#`: the longest name that is a file, then an export after the last `#`. */
const splitReference = (reference: string, modules: Modules): readonly [file: string, name: string] => {
  const hash = reference.lastIndexOf("#")
  return hash < 0 || Object.hasOwn(modules, resolve(reference))
    ? [reference, "default"]
    : [reference.slice(0, hash), reference.slice(hash + 1) || "default"]
}

/** Imports `file#export`; without `#export` the default export. */
const importExport = Effect.fn("importExport")(function* (reference: string, what: "pipeline" | "stage") {
  const modules = yield* UserModules
  const [file, name] = splitReference(reference, modules)
  const path = resolve(file)
  const load = own(modules, path)
  if (load === undefined) {
    return yield* new InputError({
      what: `There is no file '${file}'.`,
      where: path,
      expected: `a TypeScript or JavaScript module that exports a ${what}`,
      next: "check the path; names of built-in pipelines are listed by 'asterism list'"
    })
  }
  const module = yield* Effect.tryPromise({
    try: () => load() as Promise<{ readonly [name: string]: unknown }>,
    catch: (error) =>
      new InputError({
        what: `The module failed while it was loaded: ${error instanceof Error ? error.message : String(error)}.`,
        where: path,
        next: "correct the module and run the command again"
      })
  })
  return { value: own(module, name), name, path, exports: Object.keys(module) }
})

/** A pipeline by name or file. */
export const findPipeline = Effect.fn("findPipeline")(function* (reference: string) {
  const builtIn = own(pipelines, reference)
  if (builtIn !== undefined) {
    const module = yield* Effect.promise(() => builtIn())
    return module.default as Pipeline
  }
  if (!looksLikeFile(reference)) {
    return yield* new InputError({
      what: `There is no pipeline '${reference}'.`,
      expected: `one of ${Object.keys(pipelines).join(", ")}, or a file such as ./my-pipeline.ts`,
      next: "'asterism list' describes each pipeline"
    })
  }
  const { value, name, path, exports } = yield* importExport(reference, "pipeline")
  if (isPipeline(value)) return value
  return yield* new InputError({
    what: `'${name}' is not a pipeline.`,
    where: path,
    expected: `Pipeline.make(...) as the ${name === "default" ? "default export" : `export '${name}'`}; the module exports ${exports.join(", ") || "nothing"}`
  })
})

/** A stage by file, or by `pipeline:node` for one that a built-in pipeline uses. */
export const findStage = Effect.fn("findStage")(function* (reference: string) {
  if (!looksLikeFile(reference)) {
    const all = yield* builtInStages
    const found = all.get(reference)
    if (found !== undefined) return found
    return yield* new InputError({
      what: `There is no stage '${reference}'.`,
      expected: `one of ${[...all.keys()].join(", ")}, or a file such as ./my-stage.ts#export`,
      next: "'asterism list' describes each stage"
    })
  }
  const { value, name, path, exports } = yield* importExport(reference, "stage")
  if (isStage(value)) return value
  return yield* new InputError({
    what: `'${name}' is not a stage.`,
    where: path,
    expected: `Stage.make(...) as the ${name === "default" ? "default export" : `export '${name}'`}; the module exports ${exports.join(", ") || "nothing"}`,
    next: "name another export with file.ts#export"
  })
})

/** Every stage that a built-in pipeline uses or offers for swapping, by id. */
export const builtInStages: Effect.Effect<ReadonlyMap<string, Stage>, InputError> = Effect.gen(function* () {
  const stages = new Map<string, Stage>()
  for (const load of Object.values(pipelines)) {
    const module = yield* Effect.promise(() => load())
    const graph = yield* (module.default as Pipeline).build({ set: [], swap: [] })
    for (const node of graph.nodes.values()) stages.set(node.stage.id, node.stage)
    for (const value of Object.values((module as { readonly alternatives?: object }).alternatives ?? {})) {
      if (isStage(value)) stages.set(value.id, value)
    }
  }
  return stages
})
