/**
 * Relevance judgements in the forms people keep them: TREC qrels (`query iteration document relevance`), BEIR tsv
 * (`query document score`, with a header line or without), csv with a header, MTEB or BEIR json lines (`query-id`,
 * `corpus-id`, `score`) and Parquet with those columns.
 *
 * A score above 0 is relevant, 0 or below is not; either way the query and the document exist. The first line that is not
 * empty says which form the file has; a later line of another form is refused.
 */
import { checkFile, fileError } from "./fileError.ts"
import { checkWidth, withRows } from "./delimited.ts"
import { type JsonRecord, readRecord } from "./jsonRecord.ts"
import { Collector, maxIds, type Judgements, type Known } from "./judgements.ts"
import { readParquetQrels } from "./parquetQrels.ts"
import { placeOf, rolesOf, type Roles } from "./qrelsColumns.ts"
import { forEachLine } from "./textLines.ts"

export type { Judgements } from "./judgements.ts"

/** Reads Parquet and csv by the file's name, json lines, tsv or TREC by what the first line looks like. */
export const readQrels = async (path: string, known?: Known): Promise<Judgements> => {
  checkFile(path)
  if (/\.parquet$/i.test(path)) return readParquetQrels(path, known)
  const collector = new Collector(path, known)
  if (/\.csv$/i.test(path)) readCsvQrels(path, collector)
  else {
    let read: ((text: string, line: number) => void) | undefined
    forEachLine(path, (text, line) => {
      if (text.trim() === "") return
      if (read !== undefined) return read(text, line)
      const start = text.trimStart()
      if (start.startsWith("{") || /^\[\s*(\{|$)/.test(start)) read = jsonLines(path, collector)
      else {
        const form = formOf(path, text, line)
        read = fieldLines(collector, form)
        if (form.header) return
      }
      read(text, line)
    })
  }
  return collector.done()
}

const jsonLines = (path: string, collector: Collector): ((text: string, line: number) => void) => {
  collector.takeIdsAsTheyAre()
  // Most lines have the names of the line before: their places are looked up once.
  let names: ReadonlyArray<string> = []
  let places: Places = {}
  return (text, line) => {
    const record = readRecord(path, line, text, '{"query-id": …, "corpus-id": …, "score": …}')
    if (record.names.length !== names.length || record.names.some((name, i) => name !== names[i])) {
      names = record.names
      places = {
        query: placeOf("query", names),
        document: placeOf("document", names),
        score: placeOf("score", names)
      }
    }
    collector.add(
      line,
      idIn(collector, line, "query", record, places.query),
      idIn(collector, line, "document", record, places.document),
      scoreIn(collector, line, record, places.score)
    )
  }
}

interface Places {
  readonly query?: number | undefined
  readonly document?: number | undefined
  readonly score?: number | undefined
}

const idIn = (
  collector: Collector,
  line: number,
  of: "query" | "document",
  record: JsonRecord,
  place: number | undefined
): string => {
  const id = place === undefined ? undefined : record.id(place)
  if (id !== undefined) return id
  throw collector.fault(
    line,
    place === undefined
      ? "A judgement lacks its query or its document."
      : `The ${of} id is ${shortened(record.raw(place))}.`,
    "a query id and a document id: text that is not empty, or a whole number"
  )
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text)

const scoreIn = (
  collector: Collector,
  line: number,
  record: JsonRecord,
  place: number | undefined
): number | undefined => {
  if (place === undefined) return undefined
  const value = record.value(place)
  if (typeof value === "number" && Number.isFinite(value)) return value
  if (typeof value === "number") return collector.score(line, record.raw(place))
  if (typeof value === "string") return collector.score(line, value)
  throw collector.noScore(line, `The score ${shortened(record.raw(place))} is not a number.`)
}

interface Form extends Roles {
  readonly fields: number
  readonly header: boolean
  readonly split: (text: string) => ReadonlyArray<string>
}

const trec = { fields: 4, query: 0, document: 2, score: 3, header: false }
const beir = { fields: 3, query: 0, document: 1, score: 2, header: false }

// Spaces of ASCII alone: an id may hold others, and a byte order mark, which JavaScript's `trim` takes away.
const trimmed = (text: string): string => text.replace(/^[ \t\v\f\r]+|[ \t\v\f\r]+$/g, "")
const atTabs = (text: string): ReadonlyArray<string> => text.split("\t").map(trimmed)
const atSpaces = (text: string): ReadonlyArray<string> => trimmed(text).split(/[ \t\v\f]+/)

/** What the first line says of the file's form, and of what parts its fields: ids have spaces where tabs do. */
const formOf = (path: string, text: string, line: number): Form => {
  for (const split of text.includes("\t") ? [atTabs, atSpaces] : [atSpaces]) {
    const fields = split(text)
    const roles = rolesOf(`${path}, line ${line}`, fields)
    if (roles !== undefined) return { ...roles, fields: fields.length, header: true, split }
    if (fields.length === trec.fields) return { ...trec, split }
    if (fields.length === beir.fields) return { ...beir, split }
  }
  throw fileError(
    `${path}, line ${line}`,
    `The line has ${(text.includes("\t") ? atTabs : atSpaces)(text).length} fields.`,
    "4 (TREC: query, iteration, document, relevance) or 3 (BEIR: query, document, score)"
  )
}

const fieldLines =
  (collector: Collector, form: Form) =>
  (text: string, line: number): void => {
    // A line without any tab may be apart by spaces, as evaluation tools read it; one that lost a tab may not.
    const fields = (text.includes("\t") ? form.split : atSpaces)(text)
    if (fields.length !== form.fields)
      throw collector.fault(
        line,
        `The line has ${fields.length} fields, and the first one ${form.fields}.`,
        `${form.fields} fields in every line, apart by ${form.split === atTabs ? "tabs" : "spaces or tabs"} as in the first`
      )
    collector.add(
      line,
      fields[form.query]!,
      fields[form.document]!,
      form.score === undefined ? undefined : collector.score(line, fields[form.score]!)
    )
  }

const readCsvQrels = (path: string, collector: Collector): void =>
  withRows(path, (rows, header) => {
    const form = rolesOf(path, header)
    if (form === undefined)
      throw fileError(
        path,
        `The columns are ${header.map((name) => `'${name}'`).join(", ")}.`,
        "query-id, corpus-id and score"
      )
    while (rows.next()) {
      checkWidth(rows, header.length)
      collector.add(
        rows.line,
        rows.text(form.query),
        rows.text(form.document),
        form.score === undefined ? undefined : collector.score(rows.line, rows.text(form.score))
      )
    }
  })

/** Whether a csv file holds judgements: its header names a query and a document. */
export const isCsvQrels = (path: string): boolean =>
  withRows(path, (_, header) => rolesOf(path, header) !== undefined)

/** The ids of a corpus or a set of queries in json lines (`_id` or `id`). Ids are unique. */
export const readIds = (path: string): ReadonlyArray<string> => {
  checkFile(path)
  const ids = new Set<string>()
  forEachLine(path, (text, line) => {
    if (text.trim() === "") return
    const record = readRecord(path, line, text, '{"_id": …, "text": …}')
    const place = ["_id", "id"].map((name) => record.names.indexOf(name)).find((found) => found >= 0)
    const id = place === undefined ? undefined : record.id(place)
    const where = `${path}, line ${line}`
    if (id === undefined)
      throw fileError(where, "The record has no _id.", "an _id that names it: text, or a whole number")
    if (ids.has(id)) throw fileError(where, `The id '${id}' occurs twice.`, "each id once")
    if (ids.size === maxIds) throw fileError(where, `There are more than ${maxIds} ids.`, `at most ${maxIds}`)
    ids.add(id)
  })
  return [...ids]
}
