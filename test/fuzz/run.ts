/**
 * Reads changed copies of valid files with every reader and codec, and looks at what comes of it.
 *
 * `npm run test:fuzz -- [--inputs 100000] [--seed 1] [--only csv,parquet] [--input 17] [--processes 2] [--keep folder]
 * [--write docs/results/fuzz.md]`
 *
 * Each input is made from the seed and its own number: `--seed N --input I` runs one again. What is read is read again by
 * somebody else where there is one (numpy, scipy, Python's csv and json; DuckDB; flechette and apache-arrow; for safetensors a decoder of
 * the test's own). `--keep` leaves the files of findings there. Exit code 1 where there is one: an error that is not ours, a
 * text of the engine's in ours, more than 5 s of processor time, more than 1 GB, a process that ends, or other values than
 * the second reader's ("false success").
 *
 * Why not a coverage-guided fuzzer: of those on npm one is kept, @jazzer.js/core 4.0.0 (April 2026). Its binary for Linux
 * asks for glibc 2.38, which Debian 12 does not have; it ends at the first finding, brings 105 packages, and cannot keep
 * checksums right or watch memory from outside.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { child, type Outcome } from "./child.ts"
import { makeInput, targetOf } from "./inputs.ts"
import { judge, type Verdict } from "./judge.ts"
import { JudgeProcess } from "./JudgeProcess.ts"
import { makeSeeds } from "./seeds.ts"
import { targets } from "./targets.ts"
import { watched } from "./Watched.ts"

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}
const number = (name: string, otherwise: number): number => {
  const value = Number(argument(name) ?? otherwise)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`--${name} is a whole number`)
  process.exit(2)
}

const kinds = [
  "same",
  "unjudged",
  "accepted alone",
  "refused",
  "engine's text",
  "raw error",
  "hang",
  "memory",
  "died",
  "false success"
] as const
type KindOf = (typeof kinds)[number]
const findings: ReadonlySet<KindOf> = new Set(kinds.slice(4))

const python = "/usr/bin/python3"
const script = fileURLToPath(new URL("./judge.py", import.meta.url))
const byPython = new Set(["npy", "npz", "scipy", "csv", "tsv", "jsonl", "qrels", "keys"])
const byNode = new Set(["safetensors", "parquet", "arrow", "stream", "feather"])

const all = async (): Promise<void> => {
  const seed = number("seed", 1)
  const only = argument("only")?.split(",")
  const unknown = only?.find((name) => !targets.some((target) => target.name === name))
  if (unknown !== undefined) {
    console.error(`There is no target '${unknown}'; there are ${targets.map(({ name }) => name).join(", ")}`)
    process.exit(2)
  }
  const single = argument("input")
  const count = number("inputs", 10_000)
  const inputs: Array<number> = []
  for (let input = 0; inputs.length < count; input++)
    if (only === undefined || only.includes(targetOf(input).name)) inputs.push(input)
  if (single !== undefined) inputs.splice(0, inputs.length, number("input", 0))

  const home = fs.mkdtempSync(join(os.tmpdir(), "asterism-fuzz-"))
  process.on("exit", () => fs.rmSync(home, { recursive: true, force: true }))
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130))
  const [seeds, work] = [join(home, "seeds"), join(home, "work")]
  fs.mkdirSync(work)
  for (const [name, files] of Object.entries(await makeSeeds(home))) {
    fs.mkdirSync(join(seeds, name), { recursive: true })
    files.forEach((bytes, i) => fs.writeFileSync(join(seeds, name, String(i)), bytes))
  }

  const hasPython = spawnSync(python, ["-c", "import numpy, scipy.sparse"]).status === 0
  if (!hasPython)
    console.log("without python3-numpy and python3-scipy the formats that they judge stay unjudged")
  const judges = {
    python: new JudgeProcess([python, script]),
    node: new JudgeProcess([process.execPath, process.argv[1]!, "--judge"])
  }

  const table = new Map(targets.map(({ name }) => [name, new Map<KindOf, number>()]))
  const found: Array<{
    readonly input: number
    readonly target: string
    readonly kind: KindOf
    readonly detail: string
  }> = []
  let done = 0
  const began = performance.now()
  const note = (input: number, kind: KindOf, detail: string): void => {
    const { name, extension } = targetOf(input)
    const row = table.get(name)!
    row.set(kind, (row.get(kind) ?? 0) + 1)
    done++
    if (done % 5000 === 0)
      console.log(
        `${done} inputs, ${found.filter((one) => findings.has(one.kind)).length} findings, ${Math.round((performance.now() - began) / 1000)} s`
      )
    if (!findings.has(kind) && kind !== "accepted alone" && single === undefined) return
    found.push({ input, target: name, kind, detail })
    const keep = argument("keep")
    if (keep !== undefined) {
      fs.mkdirSync(keep, { recursive: true })
      fs.writeFileSync(
        join(keep, `${name}-${seed}-${input}.${extension}`),
        makeInput(seeds, seed, input).bytes
      )
    }
    if (
      found.filter((other) => other.target === name && other.kind === kind).length > 20 &&
      single === undefined
    )
      return
    console.log(
      `${name}: ${kind}: --seed ${seed} --input ${input}: ${detail.split("\n").slice(0, 3).join(" ").slice(0, 400)}`
    )
  }

  const waiting = new Set<Promise<void>>()
  const accept = async (input: number, extension: string | undefined): Promise<void> => {
    const { name } = targetOf(input)
    const by = byPython.has(name) && hasPython ? judges.python : byNode.has(name) ? judges.node : undefined
    if (extension === undefined || by === undefined) return note(input, "unjudged", "")
    const [path, value] = [join(work, `${input}.${extension}`), join(work, `${input}.json`)]
    const { verdict, detail }: Verdict = await by.ask({ input, target: name, path, value })
    const said = `${detail} ${fs.readFileSync(value, "utf8").slice(0, 200)}`
    fs.rmSync(path)
    fs.rmSync(value)
    note(
      input,
      verdict === "same" ? "same" : verdict === "differs" ? "false success" : "accepted alone",
      said
    )
  }
  const hear = (input: number, { kind, detail, judged }: Outcome): void => {
    if (kind !== "accepted") return note(input, kind, detail)
    const asked = accept(input, judged).finally(() => waiting.delete(asked))
    waiting.add(asked)
  }

  /** Every `processes`th input, in lists that a fresh process takes; what a process is lost at is run again alone. */
  const processes = Math.max(1, number("processes", 2))
  const reader = async (turn: number): Promise<void> => {
    let left = inputs.filter((_, i) => i % processes === turn)
    while (left.length > 0) {
      const list = left.slice(0, 2500)
      const file = join(home, `inputs-${turn}.json`)
      const run = (some: ReadonlyArray<number>) => {
        fs.writeFileSync(file, JSON.stringify({ work, seeds, seed, inputs: some }))
        return watched(["--child", file], hear)
      }
      const lost = await run(list)
      if (lost === undefined) left = left.slice(list.length)
      else {
        const at = lost.input < 0 ? list.length - 1 : list.indexOf(lost.input)
        const again = lost.input < 0 ? undefined : await run([lost.input])
        if (again !== undefined) note(lost.input, again.ended.kind, again.ended.detail)
        else if (lost.input < 0) console.log(`a process did not start: ${lost.ended.detail}`)
        left = left.slice(at + 1)
      }
      while (waiting.size > 500) await Promise.race(waiting)
    }
  }
  await Promise.all(Array.from({ length: processes }, (_, turn) => reader(turn)))
  await Promise.all(waiting)
  await Promise.all([judges.python.close(), judges.node.close()])

  const rows = [...table].filter(([, row]) => row.size > 0)
  const lines = [
    `| target | inputs | ${kinds.join(" | ")} |`,
    `|---|${kinds.map(() => "---:|").join("")}---:|`,
    ...rows.map(([name, row]) => {
      const total = [...row.values()].reduce((a, b) => a + b, 0)
      return `| ${name} | ${total} | ${kinds.map((kind) => row.get(kind) ?? 0).join(" | ")} |`
    })
  ]
  const bad = found.filter(({ kind }) => findings.has(kind))
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`${lines.join("\n")}\n\nseed ${seed}, ${done} inputs in ${seconds} s, ${bad.length} findings`)
  const page = argument("write")
  if (page !== undefined) fs.writeFileSync(page, pageOf(lines, seed, done, seconds, found))
  process.exitCode = bad.length > 0 ? 1 : 0
}

const pageOf = (
  lines: ReadonlyArray<string>,
  seed: number,
  done: number,
  seconds: number,
  found: ReadonlyArray<{ readonly input: number; readonly target: string; readonly kind: KindOf }>
): string => {
  const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).stdout.trim()
  const alone = found.filter(({ kind }) => kind === "accepted alone")
  const bad = found.filter(({ kind }) => findings.has(kind))
  return `# Fuzzing the readers

\`npm run test:fuzz -- --inputs ${done} --seed ${seed}\`, ${new Date().toISOString().slice(0, 10)}, commit ${commit}, Node
${process.versions.node}, ${seconds} s in two processes beside other work. ${bad.length} findings.

${lines.join("\n")}

Changed copies of small valid files: bits, lengths and counts replaced by values at which they go wrong, pieces cut, doubled
and spliced, numbers, separators and names in texts; inside of npz, gzip and headers with checksums and lengths made right
again. A coverage-guided fuzzer was looked for: @jazzer.js/core 4.0.0 is the one on npm that is kept, and its binary asks for
glibc 2.38, which Debian 12 lacks.

- *same*: accepted, and a second reader finds the same values. *unjudged*: accepted, and there is none.
- *accepted alone*: accepted, and the second reader refuses the file; ${alone.length} of them.
- *refused*: in words of ours. The columns after it are findings and must be 0: a text of the engine's or a library's in the
  message, an error that is not ours, more than 5 s of processor time, more than 1 GB, a process that ends, other values than
  the second reader's. An input is run again with
  \`npm run test:fuzz -- --seed ${seed} --input <number>\`.
${bad.length === 0 ? "" : `\n${bad.map(({ input, target, kind }) => `- ${target}: ${kind}: --input ${input}`).join("\n")}\n`}`
}

if (process.argv.includes("--judge")) await judge()
else if (process.argv.includes("--child")) {
  const file = argument("child")!
  await child(JSON.parse(fs.readFileSync(file, "utf8")) as Parameters<typeof child>[0])
} else await all()
