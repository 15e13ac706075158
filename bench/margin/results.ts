/** Reads the files `retrieval-*` of docs/results, and writes a table in Markdown. */
import { existsSync, readFileSync } from "node:fs"

const folder = "docs/results"
const file = (name: string): string | undefined => {
  const path = `${folder}/retrieval-${name}`
  return existsSync(path) ? readFileSync(path, "utf8") : undefined
}

export const json = <T>(name: string): T | undefined => {
  const text = file(name)
  return text === undefined ? undefined : (JSON.parse(text) as T)
}
export const lines = <T>(name: string): ReadonlyArray<T> =>
  (file(name) ?? "").split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as T]))

type Value = string | number | null

export const table = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<Value>>
): Array<string> => {
  const line = (values: ReadonlyArray<Value>): string =>
    `| ${values.map((value) => value ?? "–").join(" | ")} |`
  return [line(header), line(header.map(() => "---")), ...rows.map(line)]
}
