/**
 * NumPy's `.npy` (header: npyHeader.ts): reading and writing cost O(bytes). What is read has exactly the bytes that its
 * shape and type ask for, and nothing is allocated before that is known.
 */
import { closeSync, openSync, writeSync } from "node:fs"
import { checkEntries, checkLength } from "./bounds.ts"
import type { ByteSource } from "./ByteSource.ts"
import { fileSource } from "./ByteSource.ts"
import type { NumberType } from "./numberTypes.ts"
import { numberTypes, readNumbers } from "./numberTypes.ts"
import { own } from "../../schemas/named.ts"
import type { NpyHeader } from "./npyHeader.ts"
import { magic, readNpyHeader } from "./npyHeader.ts"
import type { RawMatrix } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

export { float16 } from "./numberTypes.ts"
export { readWhole } from "./readWhole.ts"

/** An array of any shape; numbers widened to what a typed array of ours holds. */
export interface NpyArray {
  readonly shape: ReadonlyArray<number>
  readonly data: Float32Array | Float64Array
}

/** Undefined where the elements are no numbers of ours. */
export const numberTypeOf = ({ descr }: NpyHeader): NumberType | undefined =>
  descr === null || /^[<>|=]?bf2$/.test(descr) ? undefined : own(numberTypes, descr.replace(/^[<>|=]/, ""))

/** Why elements of a type are not read, and what to do. */
const typeError = (path: string, descr: string | null) => {
  const kind = descr?.replace(/^[<>|=]/, "") ?? "["
  const [what, next] = kind.startsWith("[")
    ? ["The elements are records.", "save one field of numbers, or stack the fields into two dimensions"]
    : kind.startsWith("O")
      ? ["The array holds Python objects.", "convert it with array.astype('float32') and numpy.save"]
      : kind.startsWith("V")
        ? [
            `The array has the type '${descr}', bytes without a meaning: numpy saves bfloat16 and 8-bit floats (ml_dtypes) so.`,
            "convert it with array.astype('float32') and numpy.save"
          ]
        : /^[US]/.test(kind)
          ? [`The array holds texts ('${descr}').`, "name an array of numbers"]
          : /^[mM]/.test(kind)
            ? [`The array holds times ('${descr}').`, "convert them to numbers first"]
            : [
                `The array has the type '${descr}'.`,
                kind.startsWith("c")
                  ? "save the real and imaginary parts as columns"
                  : "convert it with array.astype('float32') and numpy.save"
              ]
  return fileError(path, what!, "an array of numbers (float16 to float64, integers or booleans)", next)
}

/** The bytes that a header asks for, beside those there are; throws an InputError for elements that are no numbers. */
export const checkNumbers = (source: ByteSource, header: NpyHeader): NumberType => {
  const type = numberTypeOf(header)
  if (type === undefined) throw typeError(source.path, header.descr)
  checkLength(source.path, "The file", header.offset + header.count * type.size, source.size)
  return type
}

/** The numbers behind a header, row-major; the source is read to its end and its checksum compared. */
export const readArray = async (source: ByteSource, header: NpyHeader): Promise<NpyArray> => {
  const type = checkNumbers(source, header)
  checkEntries(source.path, header.count, 1)
  const { shape, count, fortran } = header
  const data = await readNumbers(source, type, count, !header.descr!.startsWith(">"), (index, fault) =>
    fileError(source.path, `${place(header, index)} holds ${fault}.`, "numbers that float64 holds exactly")
  )
  await source.check()
  return { shape, data: fortran ? transposed(data, shape) : data }
}

/** Where an element is, by its place in the file. */
const place = ({ shape, fortran }: NpyHeader, index: number): string => {
  if (shape.length !== 2) return `Element ${index}`
  const [rows, columns] = shape as [number, number]
  return fortran
    ? `Row ${index % rows}, column ${Math.floor(index / rows)}`
    : `Row ${Math.floor(index / columns)}, column ${index % columns}`
}

/** Fortran order → row-major, for two dimensions (one needs nothing), in tiles so that both sides stay in the cache. */
const transposed = (data: NpyArray["data"], shape: ReadonlyArray<number>): NpyArray["data"] => {
  if (shape.length !== 2) return data
  const [rows, columns] = shape as [number, number]
  const result = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length)
  const tile = 32
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(rows, top + tile)
    for (let left = 0; left < columns; left += tile) {
      const right = Math.min(columns, left + tile)
      for (let i = top; i < bottom; i++)
        for (let j = left; j < right; j++) result[i * columns + j] = data[j * rows + i]!
    }
  }
  return result
}

/** Throws an InputError that says how many dimensions there are, unless they are two. */
export const checkMatrixShape = (path: string, { shape }: Pick<NpyHeader, "shape">): void => {
  if (shape.length === 2) return
  throw fileError(
    path,
    shape.length === 0
      ? "The array is a single number: it has 0 dimensions."
      : `The array has ${shape.length} dimension${shape.length === 1 ? "" : "s"} (${shape.join(", ")}).`,
    "two dimensions: rows of things, columns of coordinates",
    shape.length === 0
      ? "save an array of rows"
      : shape.length === 1
        ? "reshape it with array.reshape(-1, 1), or stack the vectors"
        : "reshape it to (rows, columns)"
  )
}

/** The matrix behind a header. */
export const readMatrixBehind = async (source: ByteSource, header: NpyHeader): Promise<RawMatrix> => {
  checkNumbers(source, header)
  checkMatrixShape(source.path, header)
  const { data } = await readArray(source, header)
  const [rows, dims] = header.shape as [number, number]
  return {
    keys: null,
    rows,
    dims,
    data,
    ...(header.descr!.endsWith("b1") ? { notes: ["The values are booleans; they are read as 0 and 1."] } : {})
  }
}

export const readNpy = async (path: string): Promise<RawMatrix> => {
  const source = fileSource(path)
  try {
    return await readMatrixBehind(source, await readNpyHeader(source))
  } finally {
    await source.close()
  }
}

/** A header of version 1, padded so that the numbers behind it are aligned to 64 bytes. */
export const npyHead = (descr: string, shape: ReadonlyArray<number>): Uint8Array => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const head = Buffer.alloc(10 + length)
  head.set([...magic, 1, 0, length & 255, length >> 8])
  head.write(`${text.padEnd(length - 1)}\n`, 10, "latin1")
  return head
}

/** The bytes of numbers in pieces: one view of them would end at 4 GiB. */
export function* piecesOf(data: Float32Array | Float64Array): Generator<Uint8Array> {
  const piece = 1 << 28
  for (let at = 0; at < data.byteLength; at += piece) {
    yield new Uint8Array(data.buffer, data.byteOffset + at, Math.min(piece, data.byteLength - at))
  }
}

/** A whole npy file, in pieces. */
export function* npyParts(
  shape: ReadonlyArray<number>,
  data: Float32Array | Float64Array
): Generator<Uint8Array> {
  yield npyHead(data instanceof Float32Array ? "<f4" : "<f8", shape)
  yield* piecesOf(data)
}

/** Writes all of `part`, however much one system call takes. */
export const writeFully = (file: number, part: Uint8Array): void => {
  for (let at = 0; at < part.byteLength;) at += writeSync(file, part, at, part.byteLength - at)
}

export const writeNpy = (
  path: string,
  shape: ReadonlyArray<number>,
  data: Float32Array | Float64Array
): void => {
  const file = openSync(path, "w")
  try {
    for (const part of npyParts(shape, data)) writeFully(file, part)
  } finally {
    closeSync(file)
  }
}
