/** One two-dimensional tensor of a safetensors file. Types: F64, F32, F16, BF16 and integers up to 32 bits. */
import type { Entry, Header } from "../codecs/safetensors.ts"
import { maxHeader, parseHeader } from "../codecs/safetensors.ts"
import { float16, readWhole } from "./npy.ts"
import type { RawMatrix, ReadOptions } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

export const readSafetensorsMatrix = async (
  path: string,
  { array: name }: ReadOptions
): Promise<RawMatrix> => {
  const bytes = readWhole(path)
  const length = bytes.length < 8 ? 0 : Number(new DataView(bytes.buffer).getBigUint64(0, true))
  if (length === 0 || length > maxHeader || 8 + length > bytes.length) {
    throw fileError(
      path,
      "This is not a safetensors file: its header does not fit.",
      "a file written by safetensors",
      "check that the file was copied whole"
    )
  }
  const header = ((): Header => {
    try {
      return parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + length)), bytes.length - 8 - length)
    } catch (error) {
      throw fileError(
        path,
        `This is not a safetensors file: ${error instanceof Error ? error.message : String(error)}.`,
        "a file written by safetensors",
        "write it again"
      )
    }
  })()
  const matrices = header.entries.filter((entry) => entry.shape.length === 2)
  const chosen =
    name === undefined && matrices.length === 1
      ? matrices[0]
      : header.entries.find((entry) => entry.name === name)
  if (chosen === undefined || chosen.shape.length !== 2) {
    throw fileError(
      path,
      name === undefined
        ? `The file holds ${matrices.length} matrices.`
        : chosen === undefined
          ? `The file has no tensor '${name}'.`
          : `Tensor '${name}' has ${chosen.shape.length} dimensions.`,
      matrices.length === 0
        ? "a tensor of two dimensions"
        : `one of ${matrices.map((entry) => entry.name).join(", ")}`,
      "choose one with --array"
    )
  }
  return {
    keys: null,
    rows: chosen.shape[0]!,
    dims: chosen.shape[1]!,
    data: numbers(path, chosen, bytes.subarray(8 + length))
  }
}

const numbers = (path: string, entry: Entry, data: Uint8Array): Float32Array | Float64Array => {
  const raw = data.slice(entry.start, entry.end).buffer
  switch (entry.dtype) {
    case "F64":
      return new Float64Array(raw)
    case "F32":
      return new Float32Array(raw)
    case "F16":
      return Float32Array.from(new Uint16Array(raw), float16)
    case "BF16": {
      const bits = Uint32Array.from(new Uint16Array(raw), (half) => half << 16)
      return new Float32Array(bits.buffer)
    }
    case "I32":
      return Float64Array.from(new Int32Array(raw))
    case "I16":
      return Float32Array.from(new Int16Array(raw))
    case "I8":
      return Float32Array.from(new Int8Array(raw))
    case "U8":
      return Float32Array.from(new Uint8Array(raw))
    default:
      throw fileError(
        path,
        `Tensor '${entry.name}' has the type ${entry.dtype}.`,
        "F64, F32, F16, BF16, I32, I16, I8 or U8"
      )
  }
}
