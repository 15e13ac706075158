/**
 * NumPy's `.npy`: magic, version, a Python dictionary that names dtype, order and shape, then the numbers.
 * Source: numpy.lib.format, versions 1.0 to 3.0. Reading and writing cost O(bytes).
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs"
import type { RawMatrix } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

/** An array of any shape; numbers widened to what a typed array of ours holds. */
export interface NpyArray {
  readonly shape: ReadonlyArray<number>
  readonly data: Float32Array | Float64Array
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

interface Header {
  readonly descr: string
  readonly fortran: boolean
  readonly shape: ReadonlyArray<number>
  /** Where the numbers begin. */
  readonly offset: number
}

const parseHeader = (bytes: Uint8Array, path: string): Header => {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw fileError(
      path,
      "This is not an npy file: it does not begin with \\x93NUMPY.",
      "an array written by numpy.save",
      "check that the file was copied whole"
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wide = bytes[6]! >= 2
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  const offset = (wide ? 12 : 10) + length
  if (offset > bytes.length) throw truncated(path, offset, bytes.length)
  const text = new TextDecoder(bytes[6] === 3 ? "utf-8" : "latin1").decode(
    bytes.subarray(wide ? 12 : 10, offset)
  )
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1]
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1]
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1]
  if (descr === undefined || fortran === undefined || shape === undefined) {
    throw fileError(
      path,
      "The npy header cannot be read; arrays of records are not matrices.",
      "a plain array of numbers"
    )
  }
  return {
    descr,
    fortran: fortran === "True",
    shape: shape.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number.parseInt(part, 10)])),
    offset
  }
}

const truncated = (path: string, expected: number, found: number) =>
  fileError(
    path,
    `The file is cut short: it has ${found} bytes and should have ${expected}.`,
    "a whole file",
    "copy or write it again"
  )

type Reader = (view: DataView, byte: number, little: boolean) => number

/** Size in bytes, how to read one number, and whether float32 holds it exactly. */
const types: { readonly [descr: string]: readonly [size: number, read: Reader, single: boolean] } = {
  f4: [4, (view, at, little) => view.getFloat32(at, little), true],
  f8: [8, (view, at, little) => view.getFloat64(at, little), false],
  f2: [2, (view, at, little) => float16(view.getUint16(at, little)), true],
  i1: [1, (view, at) => view.getInt8(at), true],
  u1: [1, (view, at) => view.getUint8(at), true],
  b1: [1, (view, at) => view.getUint8(at), true],
  i2: [2, (view, at, little) => view.getInt16(at, little), true],
  u2: [2, (view, at, little) => view.getUint16(at, little), true],
  i4: [4, (view, at, little) => view.getInt32(at, little), false],
  u4: [4, (view, at, little) => view.getUint32(at, little), false],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little)), false],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little)), false]
}

/** IEEE 754 half precision. */
export const float16 = (bits: number): number => {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Decodes a whole npy file in memory. */
export const parseNpy = (bytes: Uint8Array, path: string): NpyArray => {
  const header = parseHeader(bytes, path)
  const little = !header.descr.startsWith(">")
  const type = types[header.descr.replace(/^[<>|=]/, "")]
  if (type === undefined) {
    throw fileError(
      path,
      header.descr.includes("O")
        ? "The array holds Python objects."
        : `The array has the type '${header.descr}'.`,
      "an array of numbers (float, int or bool)",
      "convert it with array.astype('float32') and numpy.save"
    )
  }
  const [size, read, single] = type
  const count = header.shape.reduce((product, n) => product * n, 1)
  if (!Number.isSafeInteger(count) || header.shape.some((n) => n < 0))
    throw fileError(path, "The npy header names a shape that cannot be.", "an array written by numpy.save")
  const end = header.offset + count * size
  if (bytes.length < end) throw truncated(path, end, bytes.length)
  const start = bytes.byteOffset + header.offset
  const plain = header.descr === "<f4" ? Float32Array : header.descr === "<f8" ? Float64Array : undefined
  let data: Float32Array | Float64Array
  if (plain !== undefined) {
    data =
      start % size === 0
        ? new plain(bytes.buffer as ArrayBuffer, start, count)
        : new plain(bytes.slice(header.offset, end).buffer)
  } else {
    data = single ? new Float32Array(count) : new Float64Array(count)
    const view = new DataView(bytes.buffer, start, count * size)
    for (let i = 0; i < count; i++) data[i] = read(view, i * size, little)
  }
  return { shape: header.shape, data: header.fortran ? transposed(data, header.shape) : data }
}

/** A one-dimensional array of texts; undefined for anything else. */
export const parseTextNpy = (bytes: Uint8Array): ReadonlyArray<string> | undefined => {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) return undefined
  const { descr, shape, offset } = parseHeader(bytes, "")
  const [, order, type, digits] = /^([<>|=]?)([US])(\d+)$/.exec(descr) ?? []
  if (type === undefined || shape.length !== 1) return undefined
  const width = Number(digits)
  const size = type === "U" ? 4 * width : width
  if (bytes.length < offset + size * shape[0]!) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset)
  return Array.from({ length: shape[0]! }, (_, i) => {
    if (type === "S")
      return new TextDecoder("latin1")
        .decode(bytes.subarray(offset + i * size, offset + (i + 1) * size))
        .replace(/\0+$/, "")
    const points = Array.from({ length: width }, (_, j) => view.getUint32(i * size + 4 * j, order !== ">"))
    return String.fromCodePoint(...points.slice(0, points.findLastIndex((point) => point !== 0) + 1))
  })
}

/** Fortran order → row-major, for two dimensions (one needs nothing). */
const transposed = (data: NpyArray["data"], shape: ReadonlyArray<number>): NpyArray["data"] => {
  if (shape.length !== 2) return data
  const [rows, columns] = shape as [number, number]
  const result = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length)
  for (let j = 0; j < columns; j++)
    for (let i = 0; i < rows; i++) result[i * columns + j] = data[j * rows + i]!
  return result
}

/** Two dimensions, or an error that says how many there are. */
export const asMatrix = ({ shape, data }: NpyArray, path: string): RawMatrix => {
  if (shape.length !== 2) {
    throw fileError(
      path,
      `The array has ${shape.length} dimension${shape.length === 1 ? "" : "s"} (${shape.join(", ")}).`,
      "two dimensions: rows of things, columns of coordinates",
      shape.length === 1
        ? "reshape it with array.reshape(-1, 1), or stack the vectors"
        : "reshape it to (rows, columns)"
    )
  }
  return { keys: null, rows: shape[0]!, dims: shape[1]!, data }
}

/** Reads a file of any size: typed arrays pass the 4 GiB that buffers do not. */
export const readWhole = (path: string): Uint8Array => {
  const file = openSync(path, "r")
  try {
    const { size } = fstatSync(file)
    const bytes = new Uint8Array(new ArrayBuffer(size))
    const step = 1 << 28
    for (let at = 0; at < size;) {
      const got = readSync(file, bytes, at, Math.min(step, size - at), at)
      if (got === 0) return bytes.subarray(0, at)
      at += got
    }
    return bytes
  } finally {
    closeSync(file)
  }
}

/** An npy file's bytes, header and numbers apart. The header is padded so that the numbers are aligned to 64 bytes. */
export const npyParts = (
  shape: ReadonlyArray<number>,
  data: Float32Array | Float64Array | Int32Array
): readonly [Uint8Array, Uint8Array] => {
  const descr = data instanceof Float32Array ? "<f4" : data instanceof Float64Array ? "<f8" : "<i4"
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const header = new Uint8Array([
    ...magic,
    1,
    0,
    length & 255,
    length >> 8,
    ...new TextEncoder().encode(`${text.padEnd(length - 1)}\n`)
  ])
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
}

export const writeNpy = (
  path: string,
  shape: ReadonlyArray<number>,
  data: Float32Array | Float64Array
): void => {
  const file = openSync(path, "w")
  try {
    for (const part of npyParts(shape, data)) {
      for (let at = 0; at < part.byteLength;)
        at += writeSync(file, part, at, Math.min(1 << 28, part.byteLength - at))
    }
  } finally {
    closeSync(file)
  }
}
