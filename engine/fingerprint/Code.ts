/**
 * Hashes of code: walks of the graph of the program that runs, as its compiler read and resolved it. A stage's code is its
 * module, every local file that leads from there (imports, JSON, files named by `new URL("./file", import.meta.url)`,
 * linked packages), the readers of its inputs' formats and the writers of its outputs', and the exact versions of the npm
 * packages imported on the way. Comments, formatting, types, descriptions and the wording of errors do not count.
 */
import { readFileSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { changedSinceStart, changedSources } from "../../bin/program/fresh.mjs"
import type { Components } from "../../artifacts/NodeRecord.ts"
import { InputError } from "../../schemas/errors.ts"
import type { Format } from "../../schemas/Kind.ts"
import type { Stage } from "../Stage.ts"
import { kindOf } from "../Stage.ts"
import type { Closure } from "./code/closure.ts"
import { closureOf } from "./code/closure.ts"
import type { SourceGraph } from "./code/SourceGraph.ts"

export type CodeClosure = Components["code"]

export class Code extends Context.Service<
  Code,
  {
    /** The code of a module, by its `file:` URL. */
    readonly closure: (source: string) => Effect.Effect<CodeClosure, InputError>
    /**
     * The code of a stage: of its module, and of the codecs of its inputs and outputs. Fails where a function of its module
     * makes stages that depend on the function's values without declaring them.
     */
    readonly stage: (stage: Stage) => Effect.Effect<CodeClosure, InputError>
    /** Files of a stage's code that were read from their own paths and have changed since the program was compiled. */
    readonly changedInPlace: (stage: Stage) => Effect.Effect<ReadonlyArray<string>, InputError>
    /** Sources that have changed since the program was compiled. */
    readonly changed: Effect.Effect<ReadonlyArray<string>>
  }
>()("asterism/Code") {
  /**
   * `program` is the folder of the compiled program that runs. Without it, as in tests, and for modules it does not hold,
   * the graph is made from the sources on disk when it is first asked for, with `cache` for what was learnt about files.
   */
  static readonly layer = (options: {
    readonly cache: string | null
    readonly program?: string | undefined
  }): Layer.Layer<Code> => Layer.sync(Code, () => make(options))
}

/** The folder of asterism itself. */
const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/[\\/]$/, "")

const codecPath = (format: Format): string => join(root, "artifacts", "codecs", `${format}.ts`)

const formatsOf = (stage: Stage): ReadonlyArray<Format> =>
  [
    ...new Set(
      [...Object.values(stage.inputs).map(kindOf), ...Object.values(stage.outputs)].map(
        ({ format }) => format
      )
    )
  ].sort()

const make = (options: {
  readonly cache: string | null
  readonly program?: string | undefined
}): Code["Service"] => {
  const graphs = new Graphs(options.program, options.cache)
  const modules = new Map<string, Effect.Effect<Closure, InputError>>()
  const stages = new Map<Stage, Effect.Effect<Closure, InputError>>()
  const find = (source: string, also: ReadonlyArray<string>) =>
    Effect.tryPromise({
      try: () => graphs.closure(truePath(fileURLToPath(source)), also),
      catch: (error) => unreadable(source, error)
    })
  // Every node of a large graph asks; all but the first ask for a value.
  const once = <K>(
    known: Map<K, Effect.Effect<Closure, InputError>>,
    key: K,
    found: () => Effect.Effect<Closure, InputError>
  ) =>
    known.get(key) ??
    Effect.suspend(found).pipe(
      Effect.tap((closure) => Effect.sync(() => void known.set(key, Effect.succeed(closure))))
    )
  const ofStage = (stage: Stage) =>
    once(stages, stage, () => find(stage.source, formatsOf(stage).map(codecPath)))
  return {
    closure: (source) =>
      Effect.map(
        once(modules, source, () => find(source, [])),
        ({ code }) => code
      ),
    stage: (stage) =>
      Effect.flatMap(ofStage(stage), ({ code, captures }) =>
        captures.length === 0 || stage.captures !== undefined
          ? Effect.succeed(code)
          : Effect.fail(undeclared(stage, captures))
      ),
    changedInPlace: (stage) =>
      Effect.map(ofStage(stage), ({ inPlace }) => changedSources(Object.entries(inPlace))),
    changed: Effect.sync(() => graphs.changed())
  }
}

const programs = new Map<string, SourceGraph>()

/**
 * The graph beside a compiled program: read when it is first asked for, once a process, in which it never changes. Its bytes
 * are those that the compiler wrote (bin/program/fresh.mjs), so they are not checked again.
 */
const programGraph = (program: string): SourceGraph => {
  const known = programs.get(program)
  if (known !== undefined) return known
  const graph = JSON.parse(readFileSync(join(program, "graph.json"), "utf8")) as SourceGraph
  programs.set(program, graph)
  return graph
}

/** The program's own graph, and those made on demand for modules that it does not hold. */
class Graphs {
  readonly #program: string | undefined
  readonly #cache: string | null
  readonly #made = new Map<string, Promise<SourceGraph>>()

  constructor(program: string | undefined, cache: string | null) {
    this.#program = program
    this.#cache = cache
  }

  async closure(path: string, also: ReadonlyArray<string>): Promise<Closure> {
    const own =
      this.#program === undefined ? undefined : closureOf(programGraph(this.#program), path, also, root)
    if (own !== undefined) return own
    const key = [path, ...also].join("\n")
    const making = this.#made.get(key) ?? this.#make([path, ...also])
    this.#made.set(key, making)
    const found = closureOf(await making, path, also, root)
    if (found === undefined) throw new Error(`${path} is not reached by its own graph`)
    // Tests make stages inside functions, for themselves alone.
    return { ...found, captures: [] }
  }

  async #make(paths: ReadonlyArray<string>): Promise<SourceGraph> {
    const [{ graphFrom }, { Memo }, esbuild] = await Promise.all([
      import("../../bin/program/compile.mjs"),
      import("../../bin/program/memo.mjs"),
      import("esbuild")
    ])
    const memo = new Memo(this.#cache === null ? null : join(this.#cache, "code.json"), esbuild.version)
    return graphFrom(paths, memo)
  }

  changed(): ReadonlyArray<string> {
    return this.#program === undefined
      ? []
      : changedSinceStart(
          Object.entries(programGraph(this.#program).files).map(
            ([path, { content }]) => [path, content] as const
          )
        )
  }
}

/** The true path, so that one file reached by two names is one file. */
const truePath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

const unreadable = (source: string, error: unknown): InputError =>
  new InputError({
    what: `The code of a stage cannot be read: ${String(error instanceof Error ? error.message : error).trim()}.`,
    where: source,
    expected: "a module on disk",
    next: "a stage's `source` is the URL of the module that defines it"
  })

const undeclared = (stage: Stage, captures: Closure["captures"]): InputError =>
  new InputError({
    what: `The code of stage ${stage.id} depends on ${captures.flatMap(({ names }) => names).join(", ")}, which its fingerprint does not cover: a function makes it.`,
    where: stage.source,
    expected:
      "a stage at the top level of its module, or one that declares what it takes from the function that makes it",
    next: `add 'captures: { ${captures[0]!.names.join(", ")} }' to Stage.make there, or make the values parameters of the stage`
  })
