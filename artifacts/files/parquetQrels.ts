/** Judgements in Parquet: columns `query-id`, `corpus-id` and `score`. */
import { readParquet } from "../codecs/parquet/read.ts"
import { fileError } from "./fileError.ts"
import { Collector, type Judgements, type Known } from "./judgements.ts"
import { parquetError } from "./parquetError.ts"
import { rolesOf } from "./qrelsColumns.ts"

export const readParquetQrels = async (path: string, known: Known | undefined): Promise<Judgements> => {
  const { rows, columns } = await readParquet(path).catch((error: unknown) => {
    throw parquetError(path, error)
  })
  const names = [...columns.keys()]
  const roles = rolesOf(path, names)
  if (roles === undefined) {
    throw fileError(
      path,
      `The columns are ${names.map((name) => `'${name}'`).join(", ")}.`,
      "query-id, corpus-id and score"
    )
  }
  const cells = (column: number) => columns.get(names[column]!)!
  const [queries, documents] = [cells(roles.query), cells(roles.document)]
  const scores = roles.score === undefined ? undefined : cells(roles.score)
  const collector = new Collector(path, known, "row")
  for (let row = 0; row < rows; row++) {
    collector.add(
      row,
      idOf(collector, row, queries[row], "query"),
      idOf(collector, row, documents[row], "document"),
      scores === undefined ? undefined : scoreOf(collector, row, scores[row])
    )
  }
  return collector.done()
}

/** Text, or a whole number whose digits are all there. */
const idOf = (collector: Collector, row: number, id: unknown, what: string): string => {
  if (typeof id === "string" && id !== "") return id
  if (typeof id === "bigint" || (typeof id === "number" && Number.isSafeInteger(id))) return String(id)
  throw collector.fault(
    row,
    id === null || id === undefined || id === ""
      ? "A judgement lacks its query or its document."
      : `The ${what} id is ${typeof id === "number" ? String(id) : "no text"}.`,
    "a query id and a document id: text, or whole numbers"
  )
}

const scoreOf = (collector: Collector, row: number, score: unknown): number => {
  if (typeof score === "string") return collector.score(row, score)
  if (typeof score === "bigint" || (typeof score === "number" && Number.isFinite(score))) return Number(score)
  throw collector.noScore(
    row,
    score === null || score === undefined
      ? "The score is missing."
      : `The score ${typeof score === "number" ? String(score) : "of this type"} is not a finite number.`
  )
}
