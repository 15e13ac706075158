/** Reads a matrix from its Arrow file: whole, in one pass into one aligned array, or batch by batch. */
import * as fs from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { ArtifactError } from "../../schemas/errors.ts"
import type { MatrixReader } from "../../schemas/Kind.ts"
import type { Matrix, MatrixBlock } from "../../schemas/Matrix.ts"
import { corrupt, undecodable, unreadable } from "../failures.ts"
import { type ArrowFile, type Batch, hasOffsets, openArrowFile } from "./arrow/ArrowFile.ts"
import { sharesBytes } from "./blocks.ts"
import { placeOf, readAll } from "./arrow/regions.ts"
import { decodeTexts } from "./arrow/utf8Column.ts"

type Values = Float32Array | Float64Array

/** Where the parts of a matrix lie in a file. */
interface Layout {
  readonly path: string
  readonly rows: number
  readonly dims: number
  readonly precision: "float32" | "float64"
  readonly batches: ReadonlyArray<Batch>
}

export const openMatrix = (path: string): Effect.Effect<MatrixReader, ArtifactError> =>
  Effect.try({ try: () => reader(layoutOf(path, openArrowFile(path))), catch: undecodable(path) })

const layoutOf = (path: string, file: ArrowFile): Layout => {
  const [key, values] = file.fields
  if (
    key?.type.type !== "utf8" ||
    values?.type.type !== "fixedSizeList" ||
    values.type.child.type.type !== "float"
  )
    throw corrupt(path, "its columns are not those of a matrix")
  const dims = values.type.size
  const bits = values.type.child.type.bits
  if (dims < 1) throw corrupt(path, `its rows have ${dims} values`)
  for (const batch of file.batches) {
    const expected = (batch.rows * dims * bits) / 8
    if (
      batch.compressed ||
      batch.buffers.length !== 6 ||
      batch.buffers[5].length !== expected ||
      !hasOffsets(batch, 1)
    )
      throw corrupt(path, "a record batch does not have the layout of a matrix")
  }
  if (sharesBytes(file.batches)) throw corrupt(path, "its record batches share bytes")
  return {
    path,
    dims,
    precision: bits === 32 ? "float32" : "float64",
    rows: file.batches.reduce((total, batch) => total + batch.rows, 0),
    batches: file.batches
  }
}

const reader = (layout: Layout): MatrixReader => {
  const guarded = <A>(use: (file: fs.FileHandle) => Promise<A>) =>
    Effect.tryPromise({
      try: () => withFile(layout.path, use),
      catch: undecodable(layout.path)
    })
  const read = guarded((file) => readWhole(file, layout))
  return {
    rows: layout.rows,
    dims: layout.dims,
    precision: layout.precision,
    read,
    readFloat32: read.pipe(
      Effect.map((matrix) => ({
        ...matrix,
        data: matrix.data instanceof Float32Array ? matrix.data : Float32Array.from(matrix.data)
      }))
    ),
    keys: guarded((file) => readKeys(file, layout.batches)),
    blocks: Stream.unwrap(
      Effect.acquireRelease(
        Effect.tryPromise({ try: () => fs.open(layout.path, "r"), catch: unreadable(layout.path) }),
        (file) => Effect.promise(() => file.close())
      ).pipe(
        Effect.map((file) =>
          Stream.unfold({ index: 0, start: 0 }, ({ index, start }) =>
            index >= layout.batches.length
              ? Effect.succeed(undefined)
              : Effect.tryPromise({
                  try: async () => {
                    const block = await readBlock(file, layout, index, start)
                    return [block, { index: index + 1, start: start + block.keys.length }] as const
                  },
                  catch: undecodable(layout.path)
                })
          )
        )
      )
    )
  }
}

const withFile = async <A>(path: string, use: (file: fs.FileHandle) => Promise<A>): Promise<A> => {
  const file = await fs.open(path, "r")
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

const allocate = (precision: Layout["precision"], length: number): Values => {
  const memory = new ArrayBuffer(length * (precision === "float32" ? 4 : 8))
  return precision === "float32" ? new Float32Array(memory) : new Float64Array(memory)
}

const readWhole = async (file: fs.FileHandle, layout: Layout): Promise<Matrix> => {
  const entries = layout.rows * layout.dims
  if (entries >= 2 ** 32)
    throw new ArtifactError({
      reason: "unreadable",
      path: layout.path,
      detail: `The matrix has ${entries} entries, more than one array can hold.`,
      next: "read it block by block"
    })
  const data = allocate(layout.precision, entries)
  let at = 0
  const tasks = layout.batches.map((batch) => {
    const region = batch.buffers[5]
    const task = { region, into: { memory: data.buffer as ArrayBuffer, at } }
    at += region.length
    return task
  })
  await readAll(file, tasks)
  return { keys: await readKeys(file, layout.batches), dims: layout.dims, data }
}

const readKeys = async (
  file: fs.FileHandle,
  batches: ReadonlyArray<Batch>
): Promise<ReadonlyArray<string>> => {
  const keys: Array<string> = []
  const columns = batches.map((batch) => ({
    offsets: new Int32Array(batch.rows + 1),
    bytes: new Uint8Array(batch.buffers[2].length)
  }))
  await readAll(
    file,
    batches.flatMap((batch, i) => [
      { region: offsetsRegion(batch), into: placeOf(columns[i].offsets) },
      { region: batch.buffers[2], into: placeOf(columns[i].bytes) }
    ])
  )
  for (const { offsets, bytes } of columns) for (const key of decodeTexts(offsets, bytes)) keys.push(key)
  return keys
}

const offsetsRegion = (batch: Batch) => ({ offset: batch.buffers[1].offset, length: 4 * (batch.rows + 1) })

const readBlock = async (
  file: fs.FileHandle,
  layout: Layout,
  index: number,
  start: number
): Promise<MatrixBlock> => {
  const batch = layout.batches[index]
  const data = allocate(layout.precision, batch.rows * layout.dims)
  await readAll(file, [{ region: batch.buffers[5], into: placeOf(data) }])
  return { start, keys: await readKeys(file, [batch]), dims: layout.dims, data }
}
