/**
 * One two-dimensional tensor of a safetensors file; only its bytes are read. Types: F64, F32, F16, BF16, integers (past 2^53
 * refused) and BOOL.
 */
import { own } from "../../schemas/named.ts"
import type { Entry } from "../codecs/safetensors.ts"
import { headerLength, parseHeader } from "../codecs/safetensors.ts"
import type { ByteSource } from "./ByteSource.ts"
import { fileSource } from "./ByteSource.ts"
import { checkEntries, volume } from "./bounds.ts"
import { numberTypes, readNumbers } from "./numberTypes.ts"
import type { RawMatrix, ReadOptions } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

/** Names of the format → of numberTypes.ts. */
const dtypes: { readonly [dtype: string]: string } = {
  F64: "f8",
  F32: "f4",
  F16: "f2",
  BF16: "bf2",
  I64: "i8",
  I32: "i4",
  I16: "i2",
  I8: "i1",
  U64: "u8",
  U32: "u4",
  U16: "u2",
  U8: "u1",
  BOOL: "b1"
}

const notSafetensors = (path: string, why: string) =>
  fileError(
    path,
    `This is not a safetensors file: ${why}.`,
    "a file written by safetensors",
    "check that the file was copied whole, or write it again"
  )

export const readSafetensorsMatrix = async (path: string, { array }: ReadOptions): Promise<RawMatrix> => {
  const source = fileSource(path)
  try {
    const { entries, offset } = await readHeader(source)
    const entry = choose(path, entries, array)
    source.seek(offset + entry.start)
    return await readTensor(path, source, entry)
  } finally {
    await source.close()
  }
}

/** The tensors, and where their bytes begin. */
const readHeader = async (source: ByteSource) => {
  const { path, size } = source
  try {
    const prefix = new Uint8Array(Math.min(8, size))
    await source.read(prefix.buffer, 0, prefix.length)
    const length = headerLength(prefix, size)
    const text = new Uint8Array(length)
    await source.read(text.buffer, 0, length)
    const { entries } = parseHeader(text, size - 8 - length)
    return { entries, offset: 8 + length }
  } catch (error) {
    if (error instanceof RangeError) throw notSafetensors(path, error.message)
    throw error
  }
}

const choose = (path: string, entries: ReadonlyArray<Entry>, name: string | undefined): Entry => {
  const matrices = entries.filter(({ shape }) => shape.length === 2)
  const chosen =
    name === undefined
      ? matrices.length === 1
        ? matrices[0]
        : undefined
      : entries.find((entry) => entry.name === name)
  if (chosen?.shape.length === 2) return chosen
  const listed = matrices.slice(0, 20).map((entry) => `${entry.name} (${entry.shape.join(" × ")})`)
  throw fileError(
    path,
    name === undefined
      ? `The file holds ${matrices.length === 0 ? "no matrix" : `${matrices.length} matrices`}.`
      : chosen === undefined
        ? `The file has no tensor '${name}'.`
        : `Tensor '${name}' has ${chosen.shape.length} dimension${chosen.shape.length === 1 ? "" : "s"} (${chosen.shape.join(", ")}).`,
    matrices.length === 0
      ? "a tensor of two dimensions: rows of things, columns of coordinates"
      : `one of ${listed.join(", ")}${matrices.length > 20 ? ", ..." : ""}`,
    matrices.length === 0
      ? "save a tensor of two dimensions"
      : "choose one with --array (in a study: the parameter array)"
  )
}

/** A tensor whose bytes the source stands before. */
const readTensor = async (path: string, source: ByteSource, entry: Entry): Promise<RawMatrix> => {
  const { name, dtype } = entry
  const [rows, dims] = entry.shape as [number, number]
  const type = own(numberTypes, own(dtypes, dtype) ?? "")
  if (type === undefined) {
    throw fileError(
      path,
      `Tensor '${name}' has the type ${dtype}.`,
      `${Object.keys(dtypes).slice(0, -1).join(", ")} or BOOL`,
      "convert it, with tensor.float() for example, and save it again"
    )
  }
  // parseHeader compared shape and type with the bytes.
  const count = volume(entry.shape)!
  checkEntries(path, rows, dims)
  const data = await readNumbers(source, type, count, true, (index, fault) =>
    fileError(
      path,
      `Row ${Math.floor(index / dims)}, column ${index % dims} of tensor '${name}' holds ${fault}.`,
      "numbers that float64 holds exactly"
    )
  )
  const notes = dtype === "BOOL" ? ["The values are booleans; they are read as 0 and 1."] : []
  return { keys: null, rows, dims, data, notes }
}
