/**
 * Judgements collected one by one: ids are numbered in order of first appearance, a pair may be judged once. Memory: 12
 * bytes a judgement and the ids; cost O(judgements log judgements of a query).
 */
import { decimalOf } from "./decimal.ts"
import { fileError } from "./fileError.ts"
import { detached } from "./textLines.ts"

/** Judgements by id; `relevant` holds, for each query, the numbers of its relevant documents, rising. */
export interface Judgements {
  readonly queries: ReadonlyArray<string>
  readonly documents: ReadonlyArray<string>
  readonly relevant: ReadonlyArray<ReadonlyArray<number>>
  /** Full sentences about what was assumed. */
  readonly notes: ReadonlyArray<string>
}

/** Ids that judgements may name. */
export interface Known {
  readonly queries: ReadonlyArray<string>
  readonly documents: ReadonlyArray<string>
}

/** A map of the engine holds 2²⁴ entries at most. */
export const maxIds = 16_000_000

export class Collector {
  readonly #path: string
  readonly #unit: string
  readonly #queries = new Map<string, number>()
  readonly #documents = new Map<string, number>()
  readonly #closed: boolean
  // Judgement e: query[e], 2 × document + (relevant ? 1 : 0), line.
  #query = new Uint32Array(1024)
  #document = new Uint32Array(1024)
  #line = new Uint32Array(1024)
  #count = 0
  #negative = 0
  #firstNegative = 0
  #scored: boolean | undefined
  #cut = true

  /** With known ids judgements may name no others. `unit`: what a judgement's number counts, `line` or `row`. */
  constructor(path: string, known?: Known, unit = "line") {
    this.#path = path
    this.#unit = unit
    this.#closed = known !== undefined
    for (const id of known?.queries ?? []) this.#queries.set(id, this.#queries.size)
    for (const id of known?.documents ?? []) this.#documents.set(id, this.#documents.size)
  }

  /** `score` undefined: the judgement has none and counts as relevant, if none of the file has one. */
  add(line: number, query: string, document: string, score: number | undefined): void {
    if (query === "" || document === "")
      throw this.fault(line, "A judgement lacks its query or its document.", "a query id and a document id")
    this.#scored ??= score !== undefined
    if (this.#scored !== (score !== undefined))
      throw this.fault(
        line,
        this.#scored ? "The judgement has no score." : "The judgement has a score, unlike those before it.",
        "a score in every judgement, or in none"
      )
    if (score !== undefined && score < 0 && this.#negative++ === 0) this.#firstNegative = line
    if (this.#count === this.#query.length) this.#grow()
    this.#query[this.#count] = this.#number(this.#queries, query, line, "query")
    this.#document[this.#count] =
      2 * this.#number(this.#documents, document, line, "document") + ((score ?? 1) > 0 ? 1 : 0)
    this.#line[this.#count++] = line
  }

  /** Ids that come are no parts of larger texts, and are kept without a copy. */
  takeIdsAsTheyAre(): void {
    this.#cut = false
  }

  fault(line: number, what: string, expected: string, next?: string): Error {
    return fileError(`${this.#path}, ${this.#unit} ${line}`, what, expected, next)
  }

  /** A score as text has it. */
  score(line: number, text: string): number {
    const value = decimalOf(text)
    if (Number.isFinite(value)) return value
    throw this.noScore(
      line,
      text.trim() === ""
        ? "The score is missing."
        : `The score '${text}' is ${Number.isNaN(value) ? "not a number" : "past the range of double precision"}.`
    )
  }

  noScore(line: number, what: string): Error {
    return this.fault(
      line,
      what,
      "a number; above 0 is relevant",
      "write a number, drop the judgement, or name query-id, corpus-id and score in a first line"
    )
  }

  #grow(): void {
    const larger = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(old.length * 2)
      grown.set(old)
      return grown
    }
    this.#query = larger(this.#query)
    this.#document = larger(this.#document)
    this.#line = larger(this.#line)
  }

  #number(ids: Map<string, number>, id: string, line: number, what: string): number {
    const known = ids.get(id)
    if (known !== undefined) return known
    if (this.#closed)
      throw this.fault(line, `There is no ${what} '${id}'.`, `an id of the ${what} file beside it`)
    if (!id.isWellFormed())
      throw this.fault(
        line,
        `The ${what} id holds half of a surrogate pair.`,
        "ids of well-formed Unicode text"
      )
    if (ids.size === maxIds)
      throw this.fault(
        line,
        `There are more than ${maxIds} ids.`,
        `at most ${maxIds} queries and as many documents`
      )
    ids.set(this.#cut ? detached(id) : id, ids.size)
    return ids.size - 1
  }

  done(): Judgements {
    if (this.#queries.size === 0 || this.#documents.size === 0) {
      throw fileError(this.#path, "There are no judgements.", "at least one line: query, document, score")
    }
    const [queries, documents] = [[...this.#queries.keys()], [...this.#documents.keys()]]
    // Judgements sorted by query, then those of each query by document.
    const starts = new Float64Array(queries.length + 1)
    for (let e = 0; e < this.#count; e++) starts[this.#query[e]! + 1]!++
    for (let j = 0; j < queries.length; j++) starts[j + 1]! += starts[j]!
    const sorted = new Uint32Array(this.#count)
    const next = starts.slice()
    for (let e = 0; e < this.#count; e++) sorted[next[this.#query[e]!]!++] = this.#document[e]!
    const relevant = queries.map((query, j) => {
      const judged = sorted.subarray(starts[j], starts[j + 1]).sort()
      const found: Array<number> = []
      for (let e = 0; e < judged.length; e++) {
        const document = judged[e]! >>> 1
        if (e > 0 && judged[e - 1]! >>> 1 === document)
          throw this.#twice(j, document, query, documents[document]!)
        if (judged[e]! & 1) found.push(document)
      }
      return found
    })
    return { queries, documents, relevant, notes: this.#notes() }
  }

  #notes(): ReadonlyArray<string> {
    return [
      ...(this.#scored === false
        ? ["There are no scores: every pair that is named counts as relevant."]
        : []),
      ...(this.#negative === 0
        ? []
        : [
            `${this.#negative} ${this.#negative === 1 ? "score is" : "scores are"} negative (the first in ${this.#unit} ${this.#firstNegative}): not relevant, as 0.`
          ])
    ]
  }

  #twice(query: number, document: number, queryId: string, documentId: string): Error {
    const lines: Array<number> = []
    for (let e = 0; e < this.#count && lines.length < 2; e++)
      if (this.#query[e] === query && this.#document[e]! >>> 1 === document) lines.push(this.#line[e]!)
    return this.fault(
      lines[1]!,
      `Query '${queryId}' and document '${documentId}' are judged twice, first in ${this.#unit} ${lines[0]}.`,
      "one judgement a pair",
      "remove one of the two"
    )
  }
}
