/**
 * What the benches of this folder measured, kept for the results page: with `--keep` a bench adds one line to
 * docs/results/constellation-bench.jsonl; the page shows the last line of each.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import * as os from "node:os"
import { commit, processor } from "../provenance.ts"

const file = "docs/results/constellation-bench.jsonl"

export interface Measured {
  readonly what: string
  readonly found: string
  readonly command: string
  readonly date: string
  readonly commit: string
  readonly machine: string
}

const machine = (): string => `${processor()}, load ${os.loadavg()[0].toFixed(1)}, Node ${process.version}`

/** Prints what was found and, with `--keep`, keeps it. */
export const tell = (script: string, what: string, found: string): void => {
  console.log(`${what}: ${found}`)
  if (!process.argv.includes("--keep")) return
  const given = process.argv.slice(2).filter((argument) => argument !== "--keep")
  const row: Measured = {
    what,
    found,
    command: ["node bench/run.mjs", `bench/constellation/${script}`, ...given].join(" "),
    date: new Date().toISOString().slice(0, 16),
    commit: commit(),
    machine: machine()
  }
  appendFileSync(file, `${JSON.stringify(row)}\n`)
}

/** The last line of each bench. */
export const told = (): ReadonlyArray<Measured> => {
  if (!existsSync(file)) return []
  const rows = readFileSync(file, "utf8").trim().split("\n")
  return [
    ...new Map(
      rows.map((line) => JSON.parse(line) as Measured).map((row) => [`${row.what} ${row.command}`, row])
    ).values()
  ]
}

/** Numbers of the command line, without options. */
export const numbersGiven = (): ReadonlyArray<number> =>
  process.argv
    .slice(2)
    .filter((argument) => !argument.startsWith("--"))
    .map(Number)

export const peakMemory = (): string => `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`
