/** The files that the benches write and the pages are made of: JSON, or one JSON object a line, which a bench resumes. */
import { execFileSync } from "node:child_process"
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { commit } from "../provenance.ts"

/** Where the results of `bench/margin` are: `docs/results/retrieval-<name>`. */
export const pathOf = (name: string): string => `docs/results/retrieval-${name}`

export const json = <T>(name: string): T | undefined => {
  const path = pathOf(name)
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined
}

export const readLines = <T>(path: string): ReadonlyArray<T> =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as T]))
    : []

export const lines = <T>(name: string): ReadonlyArray<T> => readLines(pathOf(name))

export const appendLine = (path: string, row: unknown): void => {
  appendFileSync(path, `${JSON.stringify(row)}\n`)
}

/** Replaces the file by these rows, all or nothing. */
export const writeLines = (path: string, rows: ReadonlyArray<unknown>): void => {
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, rows.map((row) => `${JSON.stringify(row)}\n`).join(""))
  renameSync(temporary, path)
}

/** When and from which commit a row was measured; every bench of this folder puts it in its rows. */
export interface Measured {
  readonly date: string
  readonly commit: string
}

/** "Measured 2026-12-01 at commit abc1234.", of several days and commits all; of rows that do not say, when the file changed. */
export const provenance = (rows: ReadonlyArray<Partial<Measured>>, name: string): string => {
  const said = rows.filter(({ commit, date }) => commit !== undefined && date !== undefined)
  const dates = [...new Set(said.map(({ date }) => date))].sort()
  const commits = [...new Set(said.map(({ commit }) => commit))]
  if (dates.length > 0)
    return `Measured ${dates.length === 1 ? dates[0] : `${dates[0]} to ${dates.at(-1)}`} at ${commits.length === 1 ? "commit" : "commits"} ${commits.join(", ")}.`
  const log = execFileSync("git", ["log", "-1", "--format=%as, commit %h", "--", pathOf(name)], {
    encoding: "utf8"
  })
  return log.trim() === "" ? "Not committed yet." : `The file is of ${log.trim()}.`
}

export const now = (): Measured => ({ date: new Date().toISOString().slice(0, 10), commit: commit() })

/** The value after `--name` on the command line. */
export const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

/** Whole numbers given as in `6,8,10-14`. */
export const numbers = (text: string): ReadonlyArray<number> =>
  text.split(",").flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number)
    if (!Number.isInteger(from) || !Number.isInteger(to) || to < from)
      throw new RangeError(`'${text}' is not a list of whole numbers such as 6,8,10-14.`)
    return Array.from({ length: to - from + 1 }, (_, at) => from + at)
  })
