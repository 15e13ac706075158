/**
 * What the alignment stages read: views joined by key, only the rows that are asked for, checked as they come in.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { duplicateKey, joinKeys } from "../../compute/alignment/joining.ts"
import type { Joined } from "../../compute/alignment/joining.ts"
import type { CompressedRows, DenseRows } from "../../compute/alignment/rows.ts"
import { InputError } from "../../schemas/errors.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import type { MatrixReader, SparseReader } from "../../schemas/Kind.ts"
import { sparseFault } from "../../schemas/sparseFault.ts"

export interface Member<Reader> {
  readonly name: string
  readonly artifact: Reader
}

/** Reads the keys of every view and joins them; the order is that of `order` where given, else of the first view. */
export const joinViews = Effect.fnUntraced(function* (
  views: ReadonlyArray<Member<{ readonly keys: Effect.Effect<ReadonlyArray<string>, ArtifactError> }>>,
  order?: ReadonlyArray<string>
): Effect.fn.Return<Joined, InputError | ArtifactError> {
  const lists: Array<ReadonlyArray<string>> = order === undefined ? [] : [order]
  for (const { artifact, name } of views) {
    const keys = yield* artifact.keys
    const twice = duplicateKey(keys)
    if (twice !== undefined) {
      return yield* new InputError({
        what: `The key "${twice}" occurs more than once.`,
        where: `view ${name}`,
        expected: "one row for each key"
      })
    }
    lists.push(keys)
  }
  const joined = joinKeys(lists)
  if (joined.keys.length === 0 && lists.length > 0) {
    const counts = views.map(({ name }, v) => {
      const keys = lists[order === undefined ? v : v + 1]
      return `${name} has ${keys.length} rows${keys.length > 0 ? ` from "${keys[0]}" on` : ""}`
    })
    return yield* new InputError({
      what: "No key is in all views.",
      where: counts.join("; "),
      expected: "views of the same things, with the same keys",
      next: "check how the keys are spelled, or leave out the view that shares none"
    })
  }
  return order === undefined ? joined : { keys: joined.keys, rows: joined.rows.slice(1) }
})

const notFinite = (view: string, key: string, column: number, value: number): InputError =>
  new InputError({
    what: `The row "${key}" holds ${value} in column ${column}.`,
    where: `view ${view}`,
    expected: "finite numbers",
    next: "look at what made this view"
  })

const brokenRows = (view: string, first: number, fault: string): InputError =>
  new InputError({
    what: fault,
    where: `view ${view}${first === 0 ? "" : `, rows counted from ${first}`}`,
    expected: "row starts and columns in rising order, below the number of columns",
    next: "look at what made this view"
  })

/** Where each row of the file goes: −1 for rows that are not asked for. */
const placesOf = (rows: ArrayLike<number>, count: number): Int32Array => {
  const places = new Int32Array(count).fill(-1)
  for (let i = 0; i < rows.length; i++) places[rows[i]] = i
  return places
}

/** The given rows of a dense view, in that order. Memory is that of the rows asked for and one block. */
export const loadDense = Effect.fnUntraced(function* (
  { artifact, name }: Member<MatrixReader>,
  rows: ArrayLike<number>
): Effect.fn.Return<DenseRows, InputError | ArtifactError> {
  const { dims, precision } = artifact
  const places = placesOf(rows, artifact.rows)
  const length = rows.length * dims
  const data = precision === "float32" ? new Float32Array(length) : new Float64Array(length)
  yield* Stream.runForEach(artifact.blocks, (block) =>
    Effect.suspend(() => {
      for (let i = 0; i < block.keys.length; i++) {
        const place = places[block.start + i]
        if (place < 0) continue
        const from = i * dims
        for (let j = 0; j < dims; j++) {
          const value = block.data[from + j]
          if (!Number.isFinite(value)) return Effect.fail(notFinite(name, block.keys[i], j, value))
          data[place * dims + j] = value
        }
      }
      return Effect.void
    })
  )
  return { rows: rows.length, dims, data }
})

/** The given rows of a sparse view, in that order. */
export const loadSparse = Effect.fnUntraced(function* (
  { artifact, name }: Member<SparseReader>,
  rows: ArrayLike<number>
): Effect.fn.Return<CompressedRows, InputError | ArtifactError> {
  const places = placesOf(rows, artifact.rows)
  const found: Array<{ readonly indices: Uint32Array; readonly values: Float32Array | undefined }> = []
  yield* Stream.runForEach(artifact.blocks, (block) =>
    Effect.suspend(() => {
      const fault = sparseFault(block.keys.length, { ...block, dims: artifact.dims })
      if (fault !== undefined) return Effect.fail(brokenRows(name, block.start, fault))
      for (let i = 0; i < block.keys.length; i++) {
        const place = places[block.start + i]
        if (place < 0) continue
        const from = block.indptr[i]
        const to = block.indptr[i + 1]
        const values = block.values?.slice(from, to)
        const bad = values === undefined ? -1 : values.findIndex((value) => !Number.isFinite(value))
        if (bad >= 0) {
          return Effect.fail(
            notFinite(name, block.keys[i], block.indices[from + bad], values?.[bad] ?? Number.NaN)
          )
        }
        found[place] = { indices: block.indices.slice(from, to), values }
      }
      return Effect.void
    })
  )
  const indptr = new Float64Array(rows.length + 1)
  for (let i = 0; i < rows.length; i++) indptr[i + 1] = indptr[i] + found[i].indices.length
  const indices = new Uint32Array(indptr[rows.length])
  found.forEach((row, i) => indices.set(row.indices, indptr[i]))
  if (artifact.binary) return { rows: rows.length, dims: artifact.dims, indptr, indices }
  const values = new Float32Array(indptr[rows.length])
  found.forEach((row, i) => values.set(row.values ?? new Float32Array(row.indices.length).fill(1), indptr[i]))
  return { rows: rows.length, dims: artifact.dims, indptr, indices, values }
})

/** A sparse view's keys, read a block at a time. */
export const withKeys = ({ artifact, name }: Member<SparseReader>) => ({
  name,
  artifact: {
    keys: Effect.map(Stream.runCollect(artifact.blocks), (blocks) =>
      blocks.flatMap((block) => [...block.keys])
    )
  }
})

/** Reads metric names; what is wrong with them is the user's to mend. */
export const inputCheck = <A>(where: string, read: () => A): Effect.Effect<A, InputError> =>
  Effect.try({
    try: read,
    catch: (error) => new InputError({ what: (error as Error).message, where })
  })
