/**
 * The engine beside snakemake, doit and make, in turn on this machine, whole commands timed from outside:
 * `npm run bench:engine [-- --quick] [-- --json]`.
 *
 * - no-op 1,001: everything is up to date;
 * - plan 10,001 and 100,001: nothing was ever run, find out what would be;
 * - run 201: trivial nodes on two cores.
 *
 * `--quick` stays under 45 s on a quiet machine: fewer rounds, no plan of 100,001. The peers come from Debian
 * (`apt-get install -y snakemake python3-doit make`).
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import type { Peer } from "./peers.ts"
import { peers, versionOf } from "./peers.ts"

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "boolean", default: false } }
})

interface Row {
  readonly case: string
  readonly tool: string
  readonly seconds: ReadonlyArray<number>
  /** Null where the tool is absent or was left out; `note` says why. */
  readonly median: number | null
  readonly note?: string
}

interface Case {
  readonly name: string
  readonly nodes: number
  readonly kind: "no-op" | "plan" | "run"
  readonly rounds: number
  /** Snakemake takes minutes where others take a second. */
  readonly slowRounds: number
}

const cases: ReadonlyArray<Case> = flags.quick
  ? [
      { name: "no-op 1,001", nodes: 1_000, kind: "no-op", rounds: 3, slowRounds: 1 },
      { name: "plan 10,001", nodes: 10_000, kind: "plan", rounds: 3, slowRounds: 1 },
      { name: "run 201", nodes: 200, kind: "run", rounds: 3, slowRounds: 0 }
    ]
  : [
      { name: "no-op 1,001", nodes: 1_000, kind: "no-op", rounds: 7, slowRounds: 5 },
      { name: "plan 10,001", nodes: 10_000, kind: "plan", rounds: 5, slowRounds: 3 },
      { name: "plan 100,001", nodes: 100_000, kind: "plan", rounds: 3, slowRounds: 1 },
      { name: "run 201", nodes: 200, kind: "run", rounds: 5, slowRounds: 2 }
    ]

const begin = performance.now()
/** In quick mode no peer is started after this many seconds. */
const budget = 35

// --- timing --------------------------------------------------------------------------------------------------------

const call = (command: ReadonlyArray<string>, folder: string): number => {
  const start = performance.now()
  const { status, stderr } = spawnSync(command[0]!, command.slice(1), {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    maxBuffer: 2 ** 30
  })
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${stderr.slice(-2000)}`)
  return (performance.now() - start) / 1000
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), "asterism-bench-"))

const inFolder = <A>(use: (folder: string) => A): A => {
  const folder = newFolder()
  try {
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Folders in which everything is up to date, one a tool: doing nothing leaves them so. */
const upToDate = new Map<string, string>()
const inUpToDate = (
  tool: string,
  prepare: (folder: string) => void,
  use: (folder: string) => number
): number => {
  let folder = upToDate.get(tool)
  if (folder === undefined) {
    folder = newFolder()
    upToDate.set(tool, folder)
    prepare(folder)
  }
  return use(folder)
}
process.on("exit", () => {
  for (const folder of upToDate.values()) rmSync(folder, { recursive: true, force: true })
})

const program = fileURLToPath(new URL("../../bin/asterism.mjs", import.meta.url))
const pipeline = fileURLToPath(new URL("./flat.ts", import.meta.url))
const asterism = (verb: string, nodes: number, ...rest: ReadonlyArray<string>): ReadonlyArray<string> => [
  process.execPath,
  program,
  verb,
  pipeline,
  "--set",
  `flat.nodes=${nodes}`,
  ...rest
]

const timeOurs = (one: Case): number =>
  one.kind === "no-op"
    ? inUpToDate(
        "asterism",
        (folder) => void call(asterism("run", one.nodes, "--jobs", "2"), folder),
        (folder) => call(asterism("run", one.nodes), folder)
      )
    : inFolder((folder) =>
        one.kind === "plan"
          ? call(asterism("plan", one.nodes), folder)
          : call(asterism("run", one.nodes, "--jobs", "2"), folder)
      )

const timePeer = (peer: Peer, one: Case): number =>
  one.kind === "no-op"
    ? inUpToDate(
        peer.name,
        (folder) => {
          peer.write(folder, one.nodes)
          const prepare = peer.prepare(folder, one.nodes)
          if (prepare !== null) call(prepare, folder)
        },
        (folder) => call(peer.run, folder)
      )
    : inFolder((folder) => {
        peer.write(folder, one.nodes)
        return call(one.kind === "plan" ? peer.plan : peer.run, folder)
      })

const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

// --- the bench -----------------------------------------------------------------------------------------------------

const measure = (one: Case): ReadonlyArray<Row> => {
  const tools = [{ name: "asterism" }, ...peers].map((peer) => ({
    peer,
    rounds: peer.name === "snakemake" ? one.slowRounds : one.rounds,
    seconds: [] as Array<number>,
    note: undefined as string | undefined
  }))
  for (const tool of tools) {
    if (!("debian" in tool.peer)) continue
    if (versionOf(tool.peer) === undefined)
      tool.note = `not installed: apt-get install -y ${tool.peer.debian}`
    else if (tool.rounds === 0) tool.note = "left out of --quick: it takes too long"
  }
  for (let round = 0; round < one.rounds; round++) {
    for (const tool of tools) {
      if (round >= tool.rounds || (tool.note !== undefined && tool.seconds.length === 0)) continue
      if (flags.quick && "debian" in tool.peer && (performance.now() - begin) / 1000 > budget) {
        tool.note = "cut short: --quick has run out of time"
        continue
      }
      tool.seconds.push("debian" in tool.peer ? timePeer(tool.peer, one) : timeOurs(one))
    }
  }
  return tools.map(({ peer, seconds, note }) => ({
    case: one.name,
    tool: peer.name,
    seconds,
    median: seconds.length === 0 ? null : median(seconds),
    ...(note === undefined ? {} : { note })
  }))
}

/** The program is compiled before anything is timed. */
inFolder((folder) => call(asterism("plan", 1), folder))
const rows = cases.flatMap(measure)
const ratios: { [name: string]: { [tool: string]: number } } = {}
for (const one of cases) {
  const own = rows.find((row) => row.case === one.name && row.tool === "asterism")!.median!
  ratios[one.name] = Object.fromEntries(
    rows.flatMap((row) =>
      row.case === one.name && row.tool !== "asterism" && row.median !== null
        ? [[row.tool, row.median / own]]
        : []
    )
  )
}
const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  loadAverage: loadavg()[0],
  node: process.versions.node,
  ...Object.fromEntries(peers.map((peer) => [peer.name, versionOf(peer) ?? "not installed"]))
}

if (flags.json) console.log(JSON.stringify({ rows, ratios, machine }))
else {
  console.log(
    `${machine.cpu}, ${machine.cores} cores, load ${machine.loadAverage?.toFixed(1)}, Node ${machine.node}\n`
  )
  console.log("case          tool        median s   rounds   peer / asterism")
  for (const row of rows) {
    const ratio = ratios[row.case]?.[row.tool]
    console.log(
      [
        row.case.padEnd(13),
        row.tool.padEnd(11),
        (row.median?.toFixed(2) ?? "–").padStart(8),
        String(row.seconds.length).padStart(8),
        (ratio === undefined ? "" : `${ratio.toFixed(1)} ×`).padStart(17),
        row.note === undefined ? "" : `  ${row.note}`
      ].join(" ")
    )
  }
}
