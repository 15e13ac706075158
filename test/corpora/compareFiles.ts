/** The process that compares what was read with what an independent reader gives. */
import * as fs from "node:fs"
import type { Format } from "./corpusFiles.ts"
import { answerQuestions } from "./questions.ts"
import type { Read } from "./readFiles.ts"
import { arrowColumns } from "./references/arrow.ts"
import { csvColumns, parquetColumns } from "./references/duckdb.ts"
import { hyparquetColumns } from "./references/hyparquet.ts"

/** A column as another reader gives it: numbers, bigints, texts, lists, nulls. */
export interface ReferenceColumn {
  readonly name: string
  readonly cells: ReadonlyArray<unknown>
}

interface Question {
  readonly path: string
  readonly original: string
  readonly format: Format
  readonly out: string
  /** Instead of a comparison: the names of the columns, or of none where the other reader refuses. */
  readonly names?: boolean
}

const references: {
  readonly [format in Format]: (question: Question) => Promise<ReadonlyArray<ReferenceColumn>>
} = {
  parquet: ({ path }) => parquetColumns(path).catch(() => hyparquetColumns(path)),
  csv: ({ path }) => csvColumns(path),
  arrow: ({ original }) => arrowColumns(original)
}

export const compareFiles = (): Promise<void> =>
  answerQuestions(async (question: Question) => {
    if (question.names === true)
      return references[question.format](question).then(
        (columns) => ({ names: columns.map(({ name }) => name) }),
        () => ({ names: [] })
      )
    const ours = JSON.parse(fs.readFileSync(question.out, "utf8")) as Read
    try {
      const different = difference(ours, await references[question.format](question))
      return different === undefined ? {} : { different }
    } catch (error) {
      return { different: `the other reader refuses: ${String(error).slice(0, 200)}` }
    }
  })

/**
 * How the matrix differs from the columns, if it does: it must be one column of lists, or columns of numbers in their order,
 * and its keys one column as text.
 */
export const difference = (ours: Read, columns: ReadonlyArray<ReferenceColumn>): string | undefined => {
  const rows = ours.keys.length
  const other = columns.find(({ cells }) => cells.length !== rows)
  if (other !== undefined) return `we read ${rows} rows, the other reader ${other.cells.length}`
  if (ours.keyed && !columns.some(({ cells }) => cells.every((cell, i) => String(cell) === ours.keys[i])))
    return "no column holds our keys"
  if (columns.some(({ cells }) => isLists(ours, cells))) return undefined
  let next = 0
  for (let j = 0; j < ours.dims; j++) {
    const at = columns.findIndex(
      ({ cells }, i) => i >= next && cells.every((cell, row) => same(cell, ours.data[row * ours.dims + j]!))
    )
    if (at < 0)
      return `no column from number ${next} on holds our dimension ${j}: ${ours.data.slice(0, 8).join(", ")}`
    next = at + 1
  }
  return undefined
}

const isLists = ({ dims, data }: Read, cells: ReadonlyArray<unknown>): boolean =>
  cells.every(
    (cell, row) =>
      Array.isArray(cell) &&
      cell.length === dims &&
      cell.every((value, j) => same(value, data[row * dims + j]!))
  )

const same = (theirs: unknown, ours: number): boolean =>
  (typeof theirs === "number" || typeof theirs === "bigint") && Number(theirs) === ours
