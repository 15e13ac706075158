/**
 * Relevance judgements in the forms people keep them: TREC qrels (`query 0 document relevance`), BEIR tsv (a header line,
 * then query, document, score), MTEB or BEIR json lines (`query-id`, `corpus-id`, `score`) and Parquet with those columns.
 *
 * A score above 0 is relevant, 0 or below is not; either way the query and the document exist. Ids are numbered in order
 * of first appearance. A pair that is judged twice is refused.
 */
import { readFileSync } from "node:fs"
import { readParquet } from "../codecs/parquet/read.ts"
import { parquetError } from "./parquetError.ts"
import { checkFile, fileError } from "./UserMatrix.ts"

/** Judgements by id; `relevant` holds, for each query, the numbers of its relevant documents. */
export interface Judgements {
  readonly queries: ReadonlyArray<string>
  readonly documents: ReadonlyArray<string>
  readonly relevant: ReadonlyArray<ReadonlyArray<number>>
}

class Collector {
  private readonly path: string
  private readonly queries = new Map<string, number>()
  private readonly documents = new Map<string, number>()
  private readonly judged: Array<Map<number, boolean>> = []
  private readonly closed: boolean

  /** With known ids (a corpus, a set of queries) judgements may name no others. */
  constructor(
    path: string,
    known?: { readonly queries: ReadonlyArray<string>; readonly documents: ReadonlyArray<string> }
  ) {
    this.path = path
    this.closed = known !== undefined
    for (const id of known?.queries ?? []) {
      this.queries.set(id, this.queries.size)
      this.judged.push(new Map())
    }
    for (const id of known?.documents ?? []) this.documents.set(id, this.documents.size)
  }

  add(line: number, query: unknown, document: unknown, score: unknown): void {
    const where = `${this.path}, line ${line}`
    const value = typeof score === "string" && score.trim() !== "" ? Number(score) : score
    if (!isId(query) || !isId(document)) {
      throw fileError(where, "A judgement lacks its query or its document.", "a query id and a document id")
    }
    if (!(typeof value === "number" || typeof value === "bigint") || Number.isNaN(Number(value))) {
      throw fileError(
        where,
        `The score ${JSON.stringify(score) ?? "is missing and"} is not a number.`,
        "a number; above 0 is relevant"
      )
    }
    const j = this.number(this.queries, String(query), where, "query")
    const i = this.number(this.documents, String(document), where, "document")
    if (this.judged[j] === undefined) this.judged[j] = new Map()
    if (this.judged[j].has(i)) {
      throw fileError(
        where,
        `Query '${String(query)}' and document '${String(document)}' are judged twice.`,
        "one judgement a pair",
        "remove one of the two lines"
      )
    }
    this.judged[j].set(i, Number(value) > 0)
  }

  private number(ids: Map<string, number>, id: string, where: string, what: string): number {
    const known = ids.get(id)
    if (known !== undefined) return known
    if (this.closed)
      throw fileError(where, `There is no ${what} '${id}'.`, `an id of the ${what} file beside it`)
    ids.set(id, ids.size)
    return ids.size - 1
  }

  done(): Judgements {
    if (this.queries.size === 0 || this.documents.size === 0) {
      throw fileError(this.path, "There are no judgements.", "at least one line: query, document, score")
    }
    return {
      queries: [...this.queries.keys()],
      documents: [...this.documents.keys()],
      relevant: this.judged.map((row) =>
        [...row]
          .filter(([, relevant]) => relevant)
          .map(([i]) => i)
          .sort((x, y) => x - y)
      )
    }
  }
}

const isId = (id: unknown): id is string | number | bigint =>
  (typeof id === "string" && id !== "") || typeof id === "number" || typeof id === "bigint"

type Known = { readonly queries: ReadonlyArray<string>; readonly documents: ReadonlyArray<string> }

/** Reads json lines, tsv or TREC by what the first line looks like, and Parquet by its name. */
export const readQrels = async (path: string, known?: Known): Promise<Judgements> => {
  checkFile(path)
  if (/\.parquet$/i.test(path)) return readParquetQrels(path, known)
  const lines = readFileSync(path, "utf8").split(/\r?\n/)
  const collector = new Collector(path, known)
  const first = lines.find((line) => line.trim() !== "") ?? ""
  const json = first.trimStart().startsWith("{")
  lines.forEach((line, at) => {
    if (line.trim() === "") return
    if (json) {
      const record = parseLine(path, at + 1, line)
      collector.add(
        at + 1,
        record["query-id"] ?? record.query_id ?? record.qid,
        record["corpus-id"] ?? record.corpus_id ?? record["doc-id"] ?? record.docid,
        record.score ?? record.relevance ?? 1
      )
      return
    }
    const fields = line.includes("\t")
      ? line.split("\t").map((field) => field.trim())
      : line.trim().split(/\s+/)
    if (at === 0 && /query/i.test(fields[0]) && !isNumeric(fields.at(-1))) return
    if (fields.length === 4) collector.add(at + 1, fields[0], fields[2], fields[3])
    else if (fields.length === 3) collector.add(at + 1, fields[0], fields[1], fields[2])
    else {
      throw fileError(
        `${path}, line ${at + 1}`,
        `The line has ${fields.length} fields.`,
        "4 (TREC: query, iteration, document, relevance) or 3 (BEIR: query, document, score)"
      )
    }
  })
  return collector.done()
}

const isNumeric = (text: string | undefined): boolean =>
  text !== undefined && text !== "" && Number.isFinite(Number(text))

const parseLine = (path: string, line: number, text: string): { readonly [name: string]: unknown } => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === "object" && value !== null) return value as { readonly [name: string]: unknown }
  } catch {
    // Reported below with its line.
  }
  throw fileError(
    `${path}, line ${line}`,
    "The line is not a JSON object.",
    '{"query-id": …, "corpus-id": …, "score": …}'
  )
}

const readParquetQrels = async (path: string, known: Known | undefined): Promise<Judgements> => {
  const { rows, columns } = await readParquet(path).catch((error: unknown) => {
    throw parquetError(path, error)
  })
  const pick = (names: ReadonlyArray<string>): ArrayLike<unknown> | undefined => {
    const name = names.find((candidate) => columns.has(candidate))
    return name === undefined ? undefined : columns.get(name)
  }
  const queries = pick(["query-id", "query_id", "qid"])
  const documents = pick(["corpus-id", "corpus_id", "doc-id", "doc_id", "docid"])
  const scores = pick(["score", "relevance"])
  if (queries === undefined || documents === undefined) {
    throw fileError(
      path,
      `The columns are ${[...columns.keys()].map((name) => `'${name}'`).join(", ")}.`,
      "query-id, corpus-id and score"
    )
  }
  const collector = new Collector(path, known)
  for (let row = 0; row < rows; row++)
    collector.add(row + 1, queries[row], documents[row], scores === undefined ? 1 : scores[row])
  return collector.done()
}

/** Ids and texts of a corpus or a set of queries in json lines (`_id`, `title`, `text`). Ids are unique. */
export const readTexts = (path: string): ReadonlyArray<{ readonly id: string; readonly text: string }> => {
  checkFile(path)
  const seen = new Set<string>()
  const result: Array<{ id: string; text: string }> = []
  readFileSync(path, "utf8")
    .split(/\r?\n/)
    .forEach((line, at) => {
      if (line.trim() === "") return
      const record = parseLine(path, at + 1, line)
      const id = record._id ?? record.id
      if (!isId(id))
        throw fileError(`${path}, line ${at + 1}`, "The record has no _id.", "an _id that names it")
      if (seen.has(String(id))) {
        throw fileError(`${path}, line ${at + 1}`, `The id '${String(id)}' occurs twice.`, "each id once")
      }
      seen.add(String(id))
      const title = typeof record.title === "string" && record.title !== "" ? `${record.title} ` : ""
      result.push({ id: String(id), text: title + (typeof record.text === "string" ? record.text : "") })
    })
  return result
}
