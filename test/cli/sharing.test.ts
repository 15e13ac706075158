/**
 * A program that is safe to share: readers that leave, hangups, names that every object has, seeds past 2^53, reports of
 * two runs. Each through the real command.
 */
import { spawn } from "node:child_process"
import { existsSync, linkSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Effect from "effect/Effect"
import { UserModules, findPipeline } from "../../cli/modules.ts"
import * as Pipeline from "../../engine/Pipeline.ts"
import type { Workplace } from "../support/command.ts"
import { workplace } from "../support/command.ts"

const binary = fileURLToPath(new URL("../../bin/asterism.mjs", import.meta.url))

/** A stage that takes a while, one with inherited names for parameter, output, columns and tensors, and one that reads it. */
const pipe = `
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Figure, Kind, Pipeline, Stage } from "asterism"
const optional = (schema, value) => schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))
const Rows = Kind.table("Rows", { description: "Rows.", columns: { ["__proto__"]: "utf8", constructor: "float64?" } })
const Weights = Kind.tensors("Weights", { description: "Tensors." })
const make = Stage.make("test/make", {
  description: "Makes rows.", source: import.meta.url,
  params: Schema.Struct({ ms: optional(Schema.Int, 0), constructor: optional(Schema.Finite, 7) }),
  inputs: {}, outputs: { constructor: Rows, weights: Weights },
  run: ({ params }) => Effect.gen(function* () {
    yield* Effect.sleep(params.ms)
    const tensors = Object.fromEntries(["__proto__", "toString"].map((name, i) =>
      [name, { shape: [1, 2], data: Float32Array.of(i, params.constructor) }]))
    return { constructor: [{ ["__proto__"]: "text", constructor: null }], weights: { tensors } }
  })
})
const look = Stage.make("test/look", {
  description: "Reads them.", source: import.meta.url, params: Schema.Struct({}),
  inputs: { constructor: Rows, weights: Weights }, outputs: { rows: Rows, figure: Figure },
  run: ({ inputs }) => Effect.gen(function* () {
    const { rows } = yield* inputs.constructor.read
    const { tensors } = yield* inputs.weights.read
    const told = JSON.stringify([rows[0], Object.keys(tensors).sort(), [...tensors["__proto__"].data]])
    const figure = { type: "table", title: "What was read", caption: "Its rows.", columns: [{ name: "told" }], rows: [["<script>" + told]] }
    return { rows: [{ ["__proto__"]: told, constructor: 1 }], figure }
  })
})
export default Pipeline.make("pipe", { description: "Two nodes." }, function* (p) {
  const made = yield* p.stage("constructor", make, {})
  yield* p.stage("look", look, { inputs: { constructor: made.constructor, weights: made.weights } })
})
`

let place: Workplace
beforeAll(() => {
  place = workplace()
  place.file("pipe.ts", pipe)
})
afterAll(() => place.remove())

interface RunJson {
  readonly id: string
  readonly status: string
  readonly seed: string
  readonly command: ReadonlyArray<string>
  readonly machine: { readonly [name: string]: string }
}
/** Oldest first: an id ends with the run's number. */
const runsOf = (store: string): ReadonlyArray<RunJson> =>
  readdirSync(join(place.folder, store, "runs"))
    .sort((a, b) => Number(a.split("-").at(-1)) - Number(b.split("-").at(-1)))
    .map(
      (id) => JSON.parse(readFileSync(join(place.folder, store, "runs", id, "run.json"), "utf8")) as RunJson
    )

/** Starts the command under a shell and gives its exit code. */
const shell = (script: string): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn("bash", ["-c", script], {
      cwd: place.folder,
      stdio: "ignore",
      env: { ...process.env, A: binary, NODE: process.execPath, ASTERISM_STORE: "", ASTERISM_MODULES: "" }
    })
    child.on("close", resolve)
  })

const started = "until grep -qs NodeStarted $S/runs/*/events.jsonl; do sleep 0.05; done"

describe("C27 - a run survives a reader that leaves, and a hangup as it should", () => {
  it.each([
    ["json", "--json | head -1 >/dev/null"],
    ["err", "2>&1 >/dev/null | head -1 >/dev/null"],
    ["both", "--json 2>&1 | true"]
  ])("%s: it goes on to its end, and its exit code is 0", async (store, reader) => {
    expect(
      await shell(
        `$NODE $A run ./pipe.ts --set constructor.ms=700 --store ${store} ${reader}; exit \${PIPESTATUS[0]}`
      )
    ).toBe(0)
    expect(runsOf(store).map((run) => run.status)).toEqual(["done"])
  })

  it("a command that fails keeps its exit code when nobody reads", async () => {
    expect(await shell(`$NODE $A plan nothing --json 2>&1 | true; exit \${PIPESTATUS[0]}`)).toBe(2)
    // What could not be written to a full disk is told.
    if (existsSync("/dev/full")) expect(await shell("$NODE $A list > /dev/full")).toBe(2)
  })

  it("SIGHUP stops a run as SIGTERM does, once, and it can be resumed", async () => {
    const script = `S=hup; $NODE $A run ./pipe.ts --set constructor.ms=60000 --store $S & p=$!; ${started}; kill -HUP $p; kill -HUP $p; wait $p`
    expect(await shell(script)).toBe(130)
    expect(runsOf("hup").map((run) => run.status)).toEqual(["interrupted"])
  })

  it.skipIf(!existsSync("/proc/self/status"))("an ignored SIGHUP is ignored", async () => {
    const run = (store: string, before: string, word: string): Promise<number | null> =>
      shell(
        `S=${store}; ${before} ${word} $NODE $A run ./pipe.ts --set constructor.ms=700 --store $S & p=$!; ${started}; kill -HUP $p; wait $p`
      )
    expect(await run("trap", "trap '' HUP;", "")).toBe(0)
    expect(await run("nohup", "", "nohup")).toBe(0)
    expect([...runsOf("trap"), ...runsOf("nohup")].map((one) => one.status)).toEqual(["done", "done"])
  })
})

describe("names that every object has", () => {
  it("are parameters, outputs, columns, tensors and nodes like any other", async () => {
    const ran = await place.asterism(
      "run",
      "./pipe.ts",
      "--set",
      "constructor.constructor=9",
      "--store",
      "names"
    )
    expect(ran.stderr).toContain("2 ran")
    const shown = await place.asterism("show", "latest", "--json", "--store", "names")
    const digest = (
      JSON.parse(shown.stdout) as { nodes: { look: { outputs: { rows: { digest: string } } } } }
    ).nodes.look.outputs.rows.digest
    const to = join(place.folder, "rows.csv")
    await place.asterism("export", digest, "--to", to, "--store", "names")
    expect(readFileSync(to, "utf8")).toBe(
      '__proto__,constructor\n"[{""__proto__"":""text"",""constructor"":null},[""__proto__"",""toString""],[0,9]]",1\n'
    )
  })

  it.each([
    ["plan", "constructor"],
    ["list", "__proto__"],
    ["plan", "./pipe.ts#toString"],
    ["plan", "./pipe.ts", "--swap", "look=valueOf"],
    ["plan", "./pipe.ts", "--set", "toString.x=1"],
    ["plan", "./pipe.ts", "--until", "__proto__"]
  ])("and are not found where there is none: %s %s %s %s", async (...args) => {
    const { code, stderr } = await place.asterism(...args.filter((word) => word !== undefined))
    expect(code).toBe(2)
    expect(stderr).not.toMatch(/mistake of ours|TypeError|^ +at /m)
  })

  it("a file's own name may hold = and #: the longest name that is a file, then an export after the last #", async () => {
    const pipeline = (name: string) => Pipeline.make(name, { description: "" }, function* () {})
    const modules = Object.fromEntries(
      ["lr=0.1/p.ts", "a#b.ts", "a.ts"].map((name) => [
        resolve(name),
        () => Promise.resolve({ default: pipeline(`${name} default`), other: pipeline(`${name} other`) })
      ])
    )
    const found = (reference: string): Promise<string> =>
      Effect.runPromise(
        findPipeline(reference).pipe(
          Effect.map(({ name }) => name),
          Effect.provideService(UserModules, modules),
          Effect.catch(({ what }) => Effect.succeed(what))
        )
      )
    expect(await found("./lr=0.1/p.ts")).toBe("lr=0.1/p.ts default")
    expect(await found("./lr=0.1/p.ts#other")).toBe("lr=0.1/p.ts other")
    expect(await found("./a#b.ts")).toBe("a#b.ts default")
    expect(await found("./a#b.ts#other")).toBe("a#b.ts other")
    expect(await found("./a.ts#other")).toBe("a.ts other")
    expect(await found("./a.ts#")).toBe("a.ts default")
    expect(await found("./a.ts#toString")).toBe("'toString' is not a pipeline.")
    expect(await found("./none.ts#other")).toBe("There is no file './none.ts'.")
  })
})

it("seeds are counted exactly past 2^53", async () => {
  const ran = await place.asterism(
    "run",
    "./pipe.ts",
    "--seed",
    "9007199254740992",
    "--seeds",
    "3",
    "--store",
    "seeds"
  )
  expect(ran.code).toBe(0)
  expect(runsOf("seeds").map((run) => run.seed)).toEqual([
    "9007199254740992",
    "9007199254740993",
    "9007199254740994"
  ])
})

it("a command is recorded without the password of an address, and hints are whole commands", async () => {
  const bad = await place.asterism(
    "run",
    "./pipe.ts",
    "--set",
    "look.url=http://ann:geheim@host/",
    "--store",
    "secret"
  )
  expect(bad.code).toBe(2)
  expect(bad.stderr + bad.stdout).not.toContain("geheim")
  const missing = await place.asterism("plan", "./pipe.ts", "--until", "nothing")
  expect(missing.stderr).toContain("'asterism list ./pipe.ts' shows the nodes")
})

it("every run has a report of its own, with its own command and machine", async () => {
  const store = join(place.folder, "reports")
  const page = (id: string): string => join(store, "runs", id, "report.html")
  for (const jobs of ["1", "2"]) {
    expect((await place.asterism("run", "./pipe.ts", "--jobs", jobs, "--store", store)).code).toBe(0)
  }
  const [first, second] = runsOf("reports")
  expect(first!.machine).toMatchObject({ platform: `${process.platform} ${process.arch}` })
  // As an earlier version left it: one file under two names, and a machine that was another one's.
  writeFileSync(page(first!.id), "old")
  rmSync(page(second!.id))
  linkSync(page(first!.id), page(second!.id))
  const file = join(store, "runs", first!.id, "run.json")
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(first!.machine.memory!, "1 of another machine"))
  for (const { id } of [first!, second!]) {
    expect((await place.asterism("report", id, "--store", store)).code).toBe(0)
    expect(statSync(page(id)).nlink).toBe(1)
  }
  const [one, two] = [readFileSync(page(first!.id), "utf8"), readFileSync(page(second!.id), "utf8")]
  expect(one).toContain(`asterism run ./pipe.ts --jobs 1 --store ${store}`)
  expect(two).toContain(`asterism run ./pipe.ts --jobs 2 --store ${store}`)
  expect(one).toContain("1 of another machine")
  expect(two).not.toContain("1 of another machine")
  expect(two).toContain(hostname())
  expect(two).toContain(second!.id)
  expect(two).not.toContain(first!.id)
  expect(readdirSync(join(store, "tmp"))).toEqual([])
  // What was drawn is kept for runs with the same outputs, and drawn again where it was damaged.
  const [kept, ...others] = readdirSync(join(store, "reports"))
  expect(others).toEqual([])
  const drawn = readFileSync(join(store, "reports", kept!))
  const damaged = Buffer.from(drawn)
  damaged[damaged.indexOf("What was read")]! ^= 1
  writeFileSync(join(store, "reports", kept!), damaged)
  expect((await place.asterism("run", "./pipe.ts", "--store", store)).code).toBe(0)
  expect(readFileSync(join(store, "reports", kept!)).equals(drawn)).toBe(true)
  const third = readFileSync(page(runsOf("reports")[2]!.id), "utf8")
  expect(third).toContain("What was read")
  expect(third).not.toContain(first!.id)
  if (existsSync("/dev/full")) {
    const full = await place.asterism("report", "latest", "--to", "/dev/full", "--store", store)
    expect([full.code, full.stderr.split("\n")[0]]).toEqual([2, "asterism: The disk is full."])
  }
})
