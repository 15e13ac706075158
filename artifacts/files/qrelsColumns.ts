/** Which columns of judgements hold the query, the document and the score, by their names. */
import { fileError } from "./fileError.ts"

export interface Roles {
  readonly query: number
  readonly document: number
  /** Undefined where there is no score: every pair that is named is relevant. */
  readonly score: number | undefined
}

const names = {
  query: ["queryid", "qid", "query", "topicid", "topic"],
  document: ["corpusid", "docid", "docno", "documentid", "document", "doc", "pid", "passageid", "did"],
  score: [
    "score",
    "relevance",
    "rel",
    "label",
    "grade",
    "relevancegrade",
    "judgment",
    "judgement",
    "relevancy"
  ]
} as const

/** Names are compared without regard to case and to `-`, `_`, `.` and spaces. */
const plain = (name: string): string => name.toLowerCase().replace(/[-_. ]/g, "")

/** The place of the first of a role's names that is there, `query-id` before `query`. Undefined where none is. */
export const placeOf = (of: keyof typeof names, given: ReadonlyArray<string>): number | undefined => {
  const plainly = given.map(plain)
  const name = names[of].find((candidate) => plainly.includes(candidate))
  return name === undefined ? undefined : plainly.indexOf(name)
}

/** Undefined where the names are none of a query and a document. Throws where two columns have the same name. */
export const rolesOf = (where: string, header: ReadonlyArray<string>): Roles | undefined => {
  const [query, document, score] = [
    placeOf("query", header),
    placeOf("document", header),
    placeOf("score", header)
  ]
  if (query === undefined || document === undefined) return undefined
  for (const column of [query, document, score]) {
    const again = header.findIndex((name, i) => i !== column && plain(name) === plain(header[column ?? 0]!))
    if (column !== undefined && again >= 0)
      throw fileError(
        where,
        `Columns ${column + 1} and ${again + 1} have the same name '${header[column]}'.`,
        "one column of queries, one of documents and one of scores",
        "rename or remove the other"
      )
  }
  if (score === undefined && header.length > 2)
    throw fileError(
      where,
      `No column of ${header.map((name) => `'${name}'`).join(", ")} is named as a score.`,
      "a column 'score' or 'relevance', or the columns of queries and documents alone"
    )
  return { query, document, score }
}
