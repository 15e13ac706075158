/** Reads sparse rows from their Arrow file, whole or batch by batch. */
import * as fs from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ArtifactError } from "../../schemas/errors.ts"
import type { SparseReader } from "../../schemas/Kind.ts"
import type { SparseRows } from "../../schemas/Matrix.ts"
import { corrupt, undecodable } from "../failures.ts"
import { type ArrowFile, type Batch, hasOffsets, openArrowFile } from "./arrow/ArrowFile.ts"
import { sharesBytes } from "./blocks.ts"
import { placeOf, readAll } from "./arrow/regions.ts"
import { decodeTexts } from "./arrow/utf8Column.ts"

interface Layout {
  readonly path: string
  readonly rows: number
  readonly dims: number
  readonly binary: boolean
  readonly batches: ReadonlyArray<Batch>
}

export const openSparse = (path: string): Effect.Effect<SparseReader, ArtifactError> =>
  Effect.try({ try: () => reader(layoutOf(path, openArrowFile(path))), catch: undecodable(path) })

const layoutOf = (path: string, file: ArrowFile): Layout => {
  const [key, indices, values] = file.fields
  const dims = Number(file.metadata.dims)
  if (
    key?.type.type !== "utf8" ||
    indices?.type.type !== "list" ||
    !(dims >= 1 && dims <= 2 ** 32 && Number.isInteger(dims))
  )
    throw corrupt(path, "its columns are not those of sparse rows")
  const buffers = values === undefined ? 7 : 11
  for (const batch of file.batches)
    if (
      batch.compressed ||
      batch.buffers.length !== buffers ||
      !hasOffsets(batch, 1) ||
      !hasOffsets(batch, 4) ||
      batch.buffers[6].length % 4 !== 0 ||
      (values !== undefined &&
        (!hasOffsets(batch, 8) || batch.buffers[10].length !== batch.buffers[6].length))
    )
      throw corrupt(path, "a record batch does not have the layout of sparse rows")
  if (sharesBytes(file.batches)) throw corrupt(path, "its record batches share bytes")
  return {
    path,
    dims,
    binary: values === undefined,
    rows: file.batches.reduce((total, batch) => total + batch.rows, 0),
    batches: file.batches
  }
}

const reader = (layout: Layout): SparseReader => {
  const { path, batches } = layout
  const failure = undecodable(path)
  return {
    rows: layout.rows,
    dims: layout.dims,
    binary: layout.binary,
    read: Effect.tryPromise({
      try: async () => {
        const file = await fs.open(path, "r")
        try {
          const blocks: Array<SparseRows> = []
          for (const batch of batches) blocks.push(await readBatch(file, layout, batch))
          return concatenate(layout, blocks)
        } finally {
          await file.close()
        }
      },
      catch: failure
    }),
    blocks: Stream.unwrap(
      Effect.acquireRelease(Effect.tryPromise({ try: () => fs.open(path, "r"), catch: failure }), (file) =>
        Effect.promise(() => file.close())
      ).pipe(
        Effect.map((file) =>
          Stream.unfold({ index: 0, start: 0 }, ({ index, start }) =>
            index >= batches.length
              ? Effect.succeed(undefined)
              : Effect.tryPromise({
                  try: async () => {
                    const rows = await readBatch(file, layout, batches[index])
                    const next = { index: index + 1, start: start + rows.keys.length }
                    return [{ ...rows, start }, next] as const
                  },
                  catch: failure
                })
          )
        )
      )
    )
  }
}

const readBatch = async (file: fs.FileHandle, layout: Layout, batch: Batch): Promise<SparseRows> => {
  const { rows, buffers } = batch
  const keyOffsets = new Int32Array(rows + 1)
  const keyBytes = new Uint8Array(buffers[2].length)
  const starts = new Int32Array(rows + 1)
  const entries = buffers[6].length / 4
  const indices = new Uint32Array(entries)
  const values = layout.binary ? undefined : new Float32Array(entries)
  const offsets = (region: { readonly offset: number }) => ({ offset: region.offset, length: 4 * (rows + 1) })
  await readAll(file, [
    { region: offsets(buffers[1]), into: placeOf(keyOffsets) },
    { region: buffers[2], into: placeOf(keyBytes) },
    { region: offsets(buffers[4]), into: placeOf(starts) },
    { region: buffers[6], into: placeOf(indices) },
    ...(values === undefined ? [] : [{ region: buffers[10], into: placeOf(values) }])
  ])
  checkStarts(starts, entries)
  checkColumns(indices, layout.dims)
  const keys = decodeTexts(keyOffsets, keyBytes)
  const indptr = Uint32Array.from(starts)
  return { keys, dims: layout.dims, indptr, indices, ...(values === undefined ? {} : { values }) }
}

const checkStarts = (starts: Int32Array, entries: number): void => {
  const rows = starts.length - 1
  for (let row = 0; row < rows; row++)
    if (starts[row + 1] < starts[row]) throw new RangeError(`row ${row} ends before it starts`)
  if (starts[0] !== 0 || starts[rows] !== entries)
    throw new RangeError("the row starts do not fit the entries")
}

/** Kernels use column numbers as addresses. */
const checkColumns = (indices: Uint32Array, dims: number): void => {
  let greatest = 0
  for (let i = 0; i < indices.length; i++) if (indices[i] > greatest) greatest = indices[i]
  if (indices.length > 0 && greatest >= dims)
    throw new RangeError(`an entry is in column ${greatest} of ${dims}`)
}

/** Row starts are float64, which counts exactly past 2^32 entries. */
const concatenate = (layout: Layout, blocks: ReadonlyArray<SparseRows>): SparseRows => {
  const entries = blocks.reduce((total, block) => total + block.indices.length, 0)
  const indptr = new Float64Array(layout.rows + 1)
  const indices = new Uint32Array(entries)
  const values = layout.binary ? undefined : new Float32Array(entries)
  const keys: Array<string> = []
  let row = 0
  let at = 0
  for (const block of blocks) {
    for (const key of block.keys) keys.push(key)
    for (let i = 1; i < block.indptr.length; i++) indptr[++row] = at + block.indptr[i]
    indices.set(block.indices, at)
    if (values !== undefined && block.values !== undefined) values.set(block.values, at)
    at += block.indices.length
  }
  return { keys, dims: layout.dims, indptr, indices, ...(values === undefined ? {} : { values }) }
}
