/**
 * A certificate as one JSON text and named arrays, and back: what its file holds.
 *
 * `claims` is `{format, dim, rows, columns, claims: {<threshold>: {bound, margin, proof}}}`; within a proof every array
 * stands as `{"array": name}`, and is in the file under that name. What comes back was checked for its shape alone: types,
 * lengths of the matrix, numbers where numbers belong. What it proves is `certify`'s question.
 */
import type { EmbeddingPair } from "../../EmbeddingPair.ts"
import { distinctRows, type Threshold } from "../../Relevance.ts"
import { claimsOf, type MarginCertificate, type MarginClaim } from "./MarginCertificate.ts"
import { thresholds, type Proof } from "./Proof.ts"

const format = "asterism margin certificate 1"

interface Arrays {
  readonly [name: string]: {
    readonly shape: ReadonlyArray<number>
    readonly data: Float64Array | Uint32Array
  }
}

export const arraysOf = (
  certificate: MarginCertificate
): { readonly claims: string; readonly arrays: Arrays } => {
  const { columns, dim, relevance } = certificate
  const arrays: { [name: string]: Arrays[string] } = {
    indptr: { shape: [relevance.indptr.length], data: relevance.indptr },
    indices: { shape: [relevance.indices.length], data: relevance.indices }
  }
  if (columns !== undefined) arrays.columns = { shape: [columns.length], data: columns }
  const claims: { [threshold: string]: unknown } = {}
  for (const { claim, threshold } of claimsOf(certificate)) {
    const flat = (value: unknown, name: string): unknown => {
      if (value instanceof Float64Array) {
        arrays[name] = { shape: [value.length], data: value }
        return { array: name }
      }
      if (Array.isArray(value)) return value.map((part, at) => flat(part, `${name}.${at}`))
      if (typeof value !== "object" || value === null) return value
      return Object.fromEntries(
        Object.entries(value).map(([key, part]) => [key, flat(part, `${name}.${key}`)])
      )
    }
    claims[threshold] = { bound: claim.bound, margin: claim.margin, proof: flat(claim.proof, threshold) }
    const pair = claim.embeddings
    if (pair === undefined) continue
    arrays[`${threshold}.queries`] = { shape: [relevance.rows, pair.dims], data: pair.queries }
    arrays[`${threshold}.documents`] = { shape: [relevance.columns, pair.dims], data: pair.documents }
  }
  const head = { format, dim: Number.isFinite(dim) ? dim : "inf" }
  const shape = { rows: relevance.rows, columns: relevance.columns }
  return { claims: JSON.stringify({ ...head, ...shape, claims }), arrays }
}

/** What a file gave: numbers as they were read. */
export interface ReadArray {
  readonly shape: ReadonlyArray<number>
  readonly data: ArrayLike<number>
}

/** The certificate, or a sentence that says what is wrong with it. */
export const certificateFrom = (
  text: string,
  arrays: ReadonlyMap<string, ReadArray>
): MarginCertificate | string => {
  const json = parsed(text)
  if (json?.format !== format) return `It is no '${format}'.`
  const rows = count(json.rows)
  const columns = count(json.columns)
  const dim = json.dim === "inf" ? Number.POSITIVE_INFINITY : count(json.dim)
  if (rows === undefined || columns === undefined || dim === undefined)
    return "Its rows, columns or dimension are no whole numbers of at least 1."
  const indptr = whole(arrays.get("indptr"))
  const indices = whole(arrays.get("indices"))
  if (indptr === undefined || indices === undefined)
    return "It has no matrix: whole numbers named 'indptr' and 'indices'."
  const fault = rowsFault(rows, columns, indptr, indices)
  if (fault !== undefined) return `Its matrix is damaged: ${fault}`
  const { relevance } = distinctRows(rows, columns, indptr, indices)
  if (relevance.rows !== rows) return "Its matrix is damaged: two rows are equal."
  const kept = arrays.get("columns")
  const chosen = kept === undefined ? undefined : whole(kept)
  if (kept !== undefined && !(chosen !== undefined && rises(chosen, columns)))
    return "Its 'columns' are not rising columns of the matrix."
  const claims: { [T in Threshold]?: MarginClaim } = {}
  const given = object(json.claims)
  for (const threshold of thresholds) {
    const claim = object(given?.[threshold])
    if (claim === undefined) continue
    const { bound, margin } = claim
    if (typeof bound !== "number" || !(margin === null || typeof margin === "number"))
      return `Its claim for the threshold '${threshold}' has no numbers 'bound' and 'margin'.`
    const pair = pairOf(threshold, rows, columns, arrays)
    if (typeof pair === "string") return pair
    const proof = filled(claim.proof, arrays) as Proof
    claims[threshold] = { bound, margin, proof, ...(pair === undefined ? {} : { embeddings: pair }) }
  }
  if (Object.keys(claims).length === 0) return "It claims nothing."
  return { relevance, dim, claims, ...(chosen === undefined ? {} : { columns: chosen }) }
}

type Json = { readonly [name: string]: unknown }

const object = (value: unknown): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined

const parsed = (text: string): Json | undefined => {
  try {
    return object(JSON.parse(text))
  } catch {
    return undefined
  }
}

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value < 2 ** 32 ? value : undefined

const whole = (array: ReadArray | undefined): Uint32Array | undefined => {
  if (array === undefined || array.shape.length !== 1) return undefined
  const numbers = Uint32Array.from(array.data)
  return numbers.every((x, at) => x === array.data[at]) ? numbers : undefined
}

const rises = (values: Uint32Array, below: number): boolean =>
  values.length > 0 && values.every((x, at) => x < below && (at === 0 || x > values[at - 1]))

const rowsFault = (
  rows: number,
  columns: number,
  indptr: Uint32Array,
  indices: Uint32Array
): string | undefined => {
  if (indptr.length !== rows + 1 || indptr[0] !== 0 || indptr[rows] !== indices.length)
    return "its row starts do not fit its entries."
  for (let j = 0; j < rows; j++) {
    const [from, to] = [indptr[j], indptr[j + 1]]
    if (to < from || to > indices.length) return `row ${j} ends before it starts.`
    if (to > from && !rises(indices.subarray(from, to), columns))
      return `the columns of row ${j} do not rise below ${columns}.`
  }
  return undefined
}

const pairOf = (
  threshold: Threshold,
  rows: number,
  columns: number,
  arrays: ReadonlyMap<string, ReadArray>
): EmbeddingPair | string | undefined => {
  const [queries, documents] = [arrays.get(`${threshold}.queries`), arrays.get(`${threshold}.documents`)]
  if (queries === undefined && documents === undefined) return undefined
  const dims = queries?.shape[1]
  const fits = (array: ReadArray | undefined, count: number): array is ReadArray =>
    array?.shape.length === 2 && array.shape[0] === count && array.shape[1] === dims && dims! >= 1
  if (!fits(queries, rows) || !fits(documents, columns))
    return `Its embeddings for the threshold '${threshold}' have not the shapes ${rows} × d and ${columns} × d.`
  return {
    dims: dims!,
    queries: Float64Array.from(queries.data),
    documents: Float64Array.from(documents.data)
  }
}

/** A proof with its arrays in place; what is missing is left out, and then proves nothing. */
const filled = (value: unknown, arrays: ReadonlyMap<string, ReadArray>): unknown => {
  if (Array.isArray(value)) return value.map((part) => filled(part, arrays))
  const fields = object(value)
  if (fields === undefined) return value
  const keys = Object.keys(fields)
  if (keys.length === 1 && typeof fields.array === "string") {
    const array = arrays.get(fields.array)
    return array === undefined ? undefined : Float64Array.from(array.data)
  }
  return Object.fromEntries(keys.map((key) => [key, filled(fields[key], arrays)]))
}
