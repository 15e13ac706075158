/** What the engine's tests share: tiny kinds and stages, a study in a folder of its own, and stage files to edit. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { local } from "../../engine/executors/local.ts"
import { Code } from "../../engine/fingerprint/Code.ts"
import * as Pipeline from "../../engine/Pipeline.ts"
import type { Plan } from "../../engine/plan/Plan.ts"
import { plan } from "../../engine/plan/planStudy.ts"
import type { RunOptions } from "../../engine/run/run.ts"
import { run } from "../../engine/run/run.ts"
import type { RunEvent } from "../../engine/run/events.ts"
import * as Stage from "../../engine/Stage.ts"
import type { Study } from "../../engine/Study.ts"
import { FileStore } from "../../artifacts/store/FileStore.ts"
import * as Kind from "../../schemas/Kind.ts"

// --- kinds and stages ----------------------------------------------------------------------------------------------

export const Number_ = Kind.json("Number", { description: "One number.", schema: Schema.Finite })

/** How often each stage body ran, by the label in its parameters. */
export type Calls = { [label: string]: number }

/** A source of one number. */
export const constant = (calls: Calls, source: string = import.meta.url) =>
  Stage.make("test/constant", {
    description: "A number.",
    source,
    params: Schema.Struct({
      value: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
      label: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("constant")))
    }),
    inputs: {},
    outputs: { number: Number_ },
    // What is counted is no result.
    captures: {},
    run: ({ params }) =>
      Effect.sync(() => {
        calls[params.label] = (calls[params.label] ?? 0) + 1
        return { number: params.value }
      })
  })

/** Sums its inputs, rounded down to a multiple of `step`. */
export const sum = (calls: Calls, source: string = import.meta.url) =>
  Stage.make("test/sum", {
    description: "The sum, rounded down to a multiple of step.",
    source,
    params: Schema.Struct({
      step: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
      label: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("sum")))
    }),
    inputs: { numbers: Stage.each(Number_) },
    outputs: { number: Number_ },
    // What is counted is no result.
    captures: {},
    run: Effect.fn("test/sum")(function* ({ params, inputs }) {
      calls[params.label] = (calls[params.label] ?? 0) + 1
      let total = 0
      for (const { artifact } of inputs.numbers) total += yield* artifact.read
      return { number: Math.floor(total / params.step) * params.step }
    })
  })

// --- a folder with a store and stage files -------------------------------------------------------------------------

export interface Bench {
  readonly root: string
  readonly store: string
  /** Writes a file under the folder and returns its `file:` URL. */
  readonly file: (path: string, text: string) => string
}

/** A folder that goes when the test ends. */
export const bench = Effect.acquireRelease(
  Effect.sync((): Bench => {
    const root = mkdtempSync(join(tmpdir(), "asterism-engine-"))
    return {
      root,
      store: join(root, "store"),
      file: (path, text) => {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), text)
        return pathToFileURL(join(root, path)).href
      }
    }
  }),
  ({ root }) => Effect.sync(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }))
)

/** As a new process would see it: nothing remembered but the store and the cache on disk. */
export const services = ({ root, store }: Bench) =>
  Layer.mergeAll(FileStore.layer(store), Code.layer({ cache: join(root, "cache") }), NodeServices.layer)

export type Body = Parameters<typeof Pipeline.make>[2]

export const study = Effect.fnUntraced(function* (
  body: Body,
  options: Partial<Study> & { readonly overrides?: Pipeline.Overrides } = {}
) {
  const { overrides, ...rest } = options
  const pipeline = Pipeline.make("test", { description: "A test." }, body)
  const made: Study = {
    graph: yield* pipeline.build(overrides ?? Pipeline.noOverrides),
    seed: "0",
    backend: { backend: "reference", device: "cpu" },
    numerics: Effect.succeed({ precision: "float64" }),
    ...rest
  }
  return made
})

export const planIn = (folder: Bench, made: Study): Effect.Effect<Plan, unknown> =>
  plan(made).pipe(Effect.provide(services(folder)))

export const runIn = Effect.fnUntraced(function* (
  folder: Bench,
  made: Study,
  options: Partial<RunOptions> & { readonly jobs?: number } = {}
) {
  const events: Array<RunEvent> = []
  const { jobs, ...rest } = options
  const result = yield* run(made, {
    executor: local({ jobs: jobs ?? 2 }),
    command: ["asterism", "run", "test"],
    versions: { asterism: "test" },
    signals: false,
    ...rest,
    onEvent: (event) => {
      events.push(event)
      rest.onEvent?.(event)
    }
  }).pipe(Effect.provide(services(folder)))
  return { ...result, events }
})

/** The files that hold objects, in no order. */
export const objectFiles = ({ store }: Bench): ReadonlyArray<string> =>
  readdirSync(join(store, "objects"), { recursive: true, encoding: "utf8" })
    .filter((path) => /[0-9a-f]{64}\.\w+$/.test(path))
    .map((path) => join(store, "objects", path))

/** Node → status, as a plan says it. */
export const statuses = (planned: Plan): { readonly [node: string]: string } =>
  Object.fromEntries(planned.nodes.map(({ node, status }) => [node.name, status]))

/** Every reason of a node, as text. */
export const reasonsOf = (planned: Plan, name: string): ReadonlyArray<string> =>
  planned.nodes.find(({ node }) => node.name === name)!.reasons.map((reason) => reason.text)

/** Node → output → digest. */
export const digests = (result: {
  readonly file: { readonly nodes: { readonly [node: string]: { readonly outputs: unknown } } }
}): { readonly [node: string]: unknown } =>
  Object.fromEntries(Object.entries(result.file.nodes).map(([name, { outputs }]) => [name, outputs]))
