/**
 * What is hashed is what runs: a small tree in which a stage is reached in every way there is. Each file holds a number and
 * the stages return their sum, so that a result tells which bytes were run.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Ended, Workplace } from "../support/command.ts"
import { workplace } from "../support/command.ts"

const stage = (name: string, isolated: boolean) => `
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { Embeddings, Stage } from "asterism"
import { value as fixed } from "./static.ts"
import { value as deep } from "#deep"
import { value as alias } from "@lib/alias"
import { value as linked } from "linked"
import legacy from "linked/legacy.cjs"
import table from "./table.json" with { type: "json" }
const bytes = new URL("./data.bin", import.meta.url)
const worker = new URL("./worker.mjs", import.meta.url)
export const ${name} = Stage.make("identity/${name}", {
  description: "Sums what it reaches.",
  source: import.meta.url,
  isolated: ${isolated},
  params: Schema.Struct({
    extra: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
    ms: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0)))
  }),
  inputs: {},
  outputs: { embeddings: Embeddings },
  run: Effect.fn("identity/${name}")(function* ({ params }) {
    yield* Effect.sleep(params.ms)
    const { value: dynamic } = yield* Effect.promise(() => import("./dynamic.ts"))
    const { value: placed } = yield* Effect.promise(() => import(worker.href))
    const asset = Number(readFileSync(bytes, "utf8"))
    const data = Float32Array.of(fixed, deep, alias, linked, legacy.value, table.value, dynamic, placed, asset)
    return { embeddings: { keys: ["row"], dims: 9, data } }
  })
})
`

const files: { readonly [path: string]: string } = {
  "package.json": '{ "name": "study", "type": "module", "imports": { "#deep": "./src/deep.mjs" } }',
  "tsconfig.json": '{ "compilerOptions": { /* ours */ "paths": { "@lib/*": ["./lib/*"] } } }',
  "pipe.ts": `
import { Pipeline } from "asterism"
import { here } from "./here.ts"
import { apart } from "./apart.ts"
import { other } from "./other.ts"
export default Pipeline.make("identity", { description: "Three nodes." }, function* (p) {
  yield* p.stage("here", here, {})
  yield* p.stage("apart", apart, {})
  yield* p.stage("other", other, {})
})`,
  "here.ts": stage("here", false),
  "apart.ts": stage("apart", true),
  "other.ts": `
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Embeddings, Stage } from "asterism"
export const other = Stage.make("identity/other", {
  description: "Reaches nothing.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: {},
  outputs: { embeddings: Embeddings },
  run: () => Effect.succeed({ embeddings: { keys: ["row"], dims: 1, data: Float32Array.of(1) } })
})`,
  "static.ts": 'export { value } from "./inner.ts"',
  "inner.ts": "export const value: number = 1",
  "src/deep.mjs": "export const value = 1",
  "lib/alias.ts": "export const value: number = 1",
  "table.json": '{ "value": 1 }',
  "dynamic.ts": "export const value: number = 1",
  "worker.mjs": 'export { value } from "./neighbour.mjs"',
  "neighbour.mjs": "export const value = 1",
  "data.bin": "1",
  "unused.ts": "export const value: number = 1",
  "../linked/package.json":
    '{ "name": "linked", "version": "1.0.0", "exports": { ".": "./index.mjs", "./legacy.cjs": "./legacy.cjs" } }',
  "../linked/index.mjs": 'export { value } from "./far.mjs"',
  "../linked/far.mjs": "export const value = 1",
  "../linked/legacy.cjs": 'exports.value = require("node:path").basename(__dirname) === "linked" ? 1 : 0'
}

/** Where the numbers stand in the row, in the order of the stage's sum. */
const reached = [
  "inner.ts",
  "src/deep.mjs",
  "lib/alias.ts",
  "../linked/far.mjs",
  "../linked/legacy.cjs",
  "table.json",
  "dynamic.ts",
  "neighbour.mjs",
  "data.bin"
]

let place: Workplace
const at = (path: string) => join(place.folder, "study", path)
const put = (path: string, text: string) => {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
}
const edit = (path: string, from: RegExp, to: string) =>
  put(path, readFileSync(at(path), "utf8").replace(from, to))

interface Run {
  /** Sorted. */
  readonly ran: ReadonlyArray<string>
  readonly digests: { readonly [node: string]: string }
  readonly changedSources: ReadonlyArray<string>
}

const outcome = (ended: Ended): Run => {
  expect(ended.stderr.replace(/^note:.*\n/gm, "")).toBe("")
  expect(ended.code).toBe(0)
  const events = ended.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  const finished = events.filter(({ type }) => /^Node(Finished|Cached|CutOff)$/.test(type))
  return {
    ran: finished
      .filter(({ type }) => type === "NodeFinished")
      .map(({ node }) => node)
      .sort(),
    digests: Object.fromEntries(finished.map(({ node, outputs }) => [node, outputs.embeddings])),
    changedSources: events.at(-1).changedSources
  }
}

const pipe = "study/pipe.ts"
const run = async (...more: ReadonlyArray<string>) =>
  outcome(await place.asterism("run", pipe, "--json", ...more))

const row = async (digest: string): Promise<ReadonlyArray<number>> => {
  const file = join(place.folder, `${digest.slice(0, 12)}.csv`)
  expect((await place.asterism("export", digest, "--to", file)).code).toBe(0)
  return readFileSync(file, "utf8").trim().split("\n")[1]!.split(",").slice(1).map(Number)
}

beforeAll(() => {
  place = workplace()
  for (const [path, text] of Object.entries(files)) put(path, text)
  mkdirSync(at("node_modules"))
  symlinkSync(at("../linked"), at("node_modules/linked"))
})
afterAll(() => place.remove())

describe("code identity", () => {
  it("C4, C5: an edit in any file that reaches a stage runs it, here and in a process of its own, and nothing else does", async () => {
    expect((await run()).ran).toEqual(["apart", "here", "other"])
    const expected = reached.map(() => 1)
    for (const [i, path] of reached.entries()) {
      edit(path, /1/, String(i + 2))
      expected[i] = i + 2
      const { ran, digests } = await run()
      expect([path, ...ran]).toEqual([path, "apart", "here"])
      expect(digests.apart).toBe(digests.here)
      // Every number differs, so that the last row tells of each edit.
      if (i === reached.length - 1) expect(await row(digests.here!)).toEqual(expected)
    }
    // The same in every point of a sweep.
    edit("inner.ts", /2/, "20")
    const { ran, digests } = await run("--sweep", "here.extra=1,2")
    expect(ran).toEqual(["apart", "here", "here"])
    expect((await row(digests.here!))[0]).toBe(20)
    const before = await run()

    for (const path of ["inner.ts", "src/deep.mjs", "../linked/far.mjs", "dynamic.ts"])
      edit(path, /^/, "// A note.\n")
    edit("here.ts", /Sums what it reaches/, "Adds what it reaches")
    edit("unused.ts", /1/, "2")
    put("../linked/README.md", "Not code.")
    edit("../linked/package.json", /1\.0\.0/, "1.0.1")
    edit("tsconfig.json", /ours/, "theirs")
    const after = await run()
    expect(after.ran).toEqual([])
    expect(after.digests).toEqual(before.digests)
  }, 240_000)

  it("C4: where an alias, an entry of #imports or a link leads counts", async () => {
    await run()
    put("lib2/alias.ts", "export const value: number = 40")
    edit("tsconfig.json", /\.\/lib\/\*/, "./lib2/*")
    expect((await run()).ran).toEqual(["apart", "here"])
    put("src/deeper.mjs", "export const value = 50")
    edit("package.json", /deep\.mjs/, "deeper.mjs")
    const { ran, digests } = await run()
    expect(ran).toEqual(["apart", "here"])
    expect((await row(digests.here!)).slice(1, 3)).toEqual([50, 40])
  }, 120_000)

  it("C32: a command whose sources change goes on with what it loaded, says so, and the next one uses the new code", async () => {
    const long = ["--sweep", "here.extra=7,8", "--set", "here.ms=700", "--set", "apart.ms=700"]
    const [old] = await row((await run()).digests.here!)
    const running = place.asterism("run", pipe, "--json", ...long)
    // Compiled and begun, or not yet: what runs is what is recorded, either way.
    await new Promise((resolve) => setTimeout(resolve, 1800))
    edit("inner.ts", /\d+/, "60")
    put("data.bin", "61")
    const during = await running
    const first = outcome(during)
    const [seen] = await row(first.digests.here!)
    expect([old, 60]).toContain(seen)
    if (seen === old) {
      expect(during.stderr).toMatch(/inner\.ts.* changed after this command began/)
      expect(first.changedSources).toEqual(expect.arrayContaining([at("inner.ts"), at("data.bin")]))
    }
    const next = await run(...long)
    const values = await row(next.digests.here!)
    expect([values[0], values.at(-1)]).toEqual([60, 61])
    expect(await row(next.digests.apart!)).toEqual(values)
  }, 120_000)

  it("C32: code that is read in place must not change while a node runs", async () => {
    const long = ["--set", "here.ms=2500", "--set", "apart.ms=2500"]
    const running = place.asterism("run", pipe, "--json", ...long)
    await new Promise((resolve) => setTimeout(resolve, 1800))
    edit("neighbour.mjs", /\d+/, "70")
    const { code, stderr } = await running
    if (code !== 0) {
      expect(code).toBe(2)
      expect(stderr).toMatch(/neighbour\.mjs changed while '(here|apart)' ran/)
    }
    const { digests } = await run(...long)
    expect((await row(digests.here!))[7]).toBe(70)
    expect(digests.apart).toBe(digests.here)
  }, 120_000)

  it("C30: a stage that a function makes must declare what it takes from the function", async () => {
    put(
      "made.ts",
      `
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Embeddings, Pipeline, Stage } from "asterism"
const by = (n: number) =>
  Stage.make("identity/by", {
    description: "A number.",
    source: import.meta.url,
    params: Schema.Struct({}),
    inputs: {},
    outputs: { embeddings: Embeddings },
    run: () => Effect.succeed({ embeddings: { keys: ["row"], dims: 1, data: Float32Array.of(n) } })
  })
export default Pipeline.make("made", { description: "One node." }, function* (p) { yield* p.stage("one", by(3), {}) })`
    )
    const refused = await place.asterism("run", "study/made.ts")
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/identity\/by depends on n, .*\n.*\n.*\n.*captures: \{ n \}/)
    edit("made.ts", /source: import/, "captures: { n },\n    source: import")
    const made = () => place.asterism("run", "study/made.ts", "--json").then(outcome)
    const three = await made()
    edit("made.ts", /by\(3\)/, "by(4)")
    const four = await made()
    expect([three.ran, four.ran]).toEqual([["one"], ["one"]])
    expect([await row(three.digests.one!), await row(four.digests.one!)]).toEqual([[3], [4]])
  }, 60_000)
})
