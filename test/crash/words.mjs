/**
 * Kills the words study with SIGKILL at random instants and starts it again, until it is done; then compares every digest
 * with an uninterrupted run's. `npm run test:crash` (20 kills, 5,000 words), `-- --quick` (5 kills, 300 words),
 * `-- --kills n --words n --seed n`. Prints a table of the instants, writes it to the file `--write` names, and ends with 1
 * where a digest differs.
 *
 * Packages are fetched once, into the uninterrupted run's store, and copied: what is killed is the study, not the network.
 */
import { execFileSync, spawn } from "node:child_process"
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const option = (name, fallback) => {
  const index = process.argv.indexOf(`--${name}`)
  return index < 0 ? fallback : Number(process.argv[index + 1])
}
const quick = process.argv.includes("--quick")
const kills = option("kills", quick ? 5 : 20)
const words = option("words", quick ? 300 : 5000)
let seed = option("seed", 1)

/** A small generator (mulberry32): the instants can be repeated. */
const random = () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const binary = fileURLToPath(new URL("../../bin/asterism.mjs", import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), "asterism-crash-"))

/** Starts a command in a process group of its own, so that a kill takes its children too. */
const start = (store, args) => {
  const child = spawn(process.execPath, [binary, ...args, "--store", store, "--json"], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"]
  })
  let output = ""
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text))
  const ended = new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, output }))
  )
  return { child, ended }
}

const study = ["run", "words", "--set", `vocabulary.size=${words}`]

/** `node.output` → digest, of the newest run of a store. */
const digests = (store) => {
  const folder = join(store, "runs")
  const newest = readdirSync(folder).sort().at(-1)
  const { nodes, status } = JSON.parse(readFileSync(join(folder, newest, "run.json"), "utf8"))
  const found = Object.entries(nodes).flatMap(([name, node]) =>
    Object.entries(node.outputs ?? {}).map(([output, { digest }]) => [`${name}.${output}`, digest])
  )
  return { status, found: new Map(found) }
}

/** A store that holds only the downloaded packages of another. */
const packagesOnly = (from, to) => {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true })
  rmSync(join(to, "runs"), { recursive: true, force: true })
  const records = join(to, "records")
  for (const name of readdirSync(records, { recursive: true })) {
    const path = join(records, String(name))
    if (!path.endsWith(".json")) continue
    const record = JSON.parse(readFileSync(path, "utf8"))
    if (record.components.stage !== "data/npm") rmSync(path)
  }
  for (const name of ["index", "checkpoints", "leases", "reports"])
    rmSync(join(to, name), { recursive: true, force: true })
}

/** The results page. */
const page = (rows, seconds, verdict) => {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim()
  const flags = process.argv
    .slice(2)
    .filter((word, at, all) => word !== "--write" && all[at - 1] !== "--write")
  return [
    "# Killed and started again",
    "",
    `Written ${new Date().toISOString().slice(0, 10)} at commit ${commit} by \`npm run test:crash${flags.length === 0 ? "" : ` -- ${flags.join(" ")}`}\`: the words study of ${words} words (${seconds.toFixed(0)} s without a kill, packages at hand), SIGKILL to all its processes at random instants, the same command again each time; ${cpus().length} cores, Node ${process.version}.`,
    "",
    verdict,
    "",
    "| kill | seconds after its start | what ran |",
    "|---|---|---|",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    ""
  ].join("\n")
}

try {
  const whole = join(scratch, "whole")
  console.log(`words study of ${words} words on ${cpus().length} cores, ${kills} kills`)
  await start(whole, study).ended
  const expected = digests(whole)
  if (expected.status !== "done") throw new Error(`the uninterrupted run ended '${expected.status}'`)

  const broken = join(scratch, "broken")
  packagesOnly(whole, broken)
  const begun = performance.now()
  const { code } = await start(broken, study).ended
  const seconds = (performance.now() - begun) / 1000
  if (code !== 0) throw new Error(`the timed run ended with ${code}`)
  console.log(`uninterrupted, packages at hand: ${seconds.toFixed(1)} s, ${expected.found.size} artifacts`)

  const rows = []
  const wrong = []
  const compare = () => {
    const actual = digests(broken)
    for (const [name, digest] of expected.found) {
      if (actual.found.get(name) !== digest)
        wrong.push(
          `${name}: expected ${digest.slice(0, 12)}, got ${String(actual.found.get(name)).slice(0, 12)}`
        )
    }
  }
  packagesOnly(whole, broken)
  while (rows.length < kills) {
    const after = 0.15 + random() * seconds * 0.7
    const { child, ended } = start(broken, study)
    const timer = setTimeout(() => process.kill(-child.pid, "SIGKILL"), after * 1000)
    const { signal, output } = await ended
    clearTimeout(timer)
    if (signal === "SIGKILL") {
      const events = output.split("\n").flatMap((line) => {
        try {
          return [JSON.parse(line)]
        } catch {
          return [] // The line that was being written.
        }
      })
      const running = new Set()
      for (const event of events) {
        if (event.type === "NodeStarted") running.add(`${event.node}${event.resumed ? " (resumed)" : ""}`)
        if (event.type === "NodeFinished")
          for (const name of running) if (name.split(" ")[0] === event.node) running.delete(name)
      }
      rows.push([rows.length + 1, after.toFixed(1), [...running].join(", ") || "starting, or between nodes"])
      console.log(`kill ${rows.at(-1).join("  ")}`)
    } else {
      // It got through before the kill: compare, and begin again.
      compare()
      packagesOnly(whole, broken)
    }
  }
  await start(broken, study).ended
  compare()
  const leftovers = existsSync(join(broken, "checkpoints")) ? readdirSync(join(broken, "checkpoints")) : []
  const verdict =
    wrong.length === 0
      ? `All ${expected.found.size} digests equal those of the uninterrupted run, each time the study came to its end; ${leftovers.length} checkpoints left over.`
      : `${wrong.length} digests differ:\n${wrong.join("\n")}`
  console.log(`\n${verdict}`)
  const file = process.argv.indexOf("--write")
  if (file >= 0) writeFileSync(process.argv[file + 1], page(rows, seconds, verdict))
  process.exitCode = wrong.length === 0 ? 0 : 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
