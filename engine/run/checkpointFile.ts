/**
 * A checkpoint on disk: a safetensors file (a length, a JSON header, then the tensors' bytes in order) whose name
 * carries its number and the SHA-256 of its bytes, so that a torn file is never mistaken for a state.
 */
import { createHash } from "node:crypto"
import { closeSync, fsyncSync, openSync, readSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import * as Schema from "effect/Schema"
import type { Tensor } from "../../schemas/Matrix.ts"
import type { State } from "../services/Checkpoint.ts"

const dtypes = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array
} as const
type Dtype = keyof typeof dtypes

const dtypeOf = (data: Tensor["data"]): Dtype => {
  if (data instanceof Float64Array) return "F64"
  if (data instanceof Float32Array) return "F32"
  return data instanceof Int32Array ? "I32" : "U32"
}

const Header = Schema.fromJsonString(
  Schema.Record(
    Schema.String,
    Schema.Union([
      Schema.Struct({
        dtype: Schema.Literals(["F64", "F32", "I32", "U32"]),
        shape: Schema.Array(Schema.Int),
        data_offsets: Schema.Tuple([Schema.Int, Schema.Int])
      }),
      Schema.Record(Schema.String, Schema.String)
    ])
  )
)
const decodeHeader = Schema.decodeUnknownSync(Header)

const bytesOf = (data: Tensor["data"]): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Calls that move less than asked for, or at most 1 GiB, are repeated. */
const chunk = 2 ** 30

const writeAll = (file: number, bytes: Uint8Array): void => {
  let at = 0
  while (at < bytes.length) at += writeSync(file, bytes, at, Math.min(chunk, bytes.length - at))
}

const readAll = (file: number, bytes: Uint8Array): boolean => {
  let at = 0
  while (at < bytes.length) {
    const got = readSync(file, bytes, at, Math.min(chunk, bytes.length - at), null)
    if (got === 0) return false
    at += got
  }
  return true
}

/** Written to `temporary`, made durable, and renamed to `name(digest)` with the first 32 digits of the SHA-256. */
export const writeState = (temporary: string, name: (digest: string) => string, state: State): string => {
  // Wide types first, so that every tensor is aligned; then by name, so that equal states have equal bytes.
  const order = Object.keys(state.tensors).sort((a, b) => {
    const width = state.tensors[b]!.data.BYTES_PER_ELEMENT - state.tensors[a]!.data.BYTES_PER_ELEMENT
    return width === 0 ? (a < b ? -1 : 1) : width
  })
  const header: { [name: string]: unknown } = { __metadata__: state.metadata ?? {} }
  let offset = 0
  for (const key of order) {
    const { shape, data } = state.tensors[key]!
    header[key] = { dtype: dtypeOf(data), shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const text = JSON.stringify(header)
  const head = Buffer.from(text + " ".repeat((8 - (Buffer.byteLength(text) % 8)) % 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(head.length))
  const hash = createHash("sha256")
  const file = openSync(temporary, "w")
  try {
    for (const bytes of [length, head, ...order.map((key) => bytesOf(state.tensors[key]!.data))]) {
      hash.update(bytes)
      writeAll(file, bytes)
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  const final = name(hash.digest("hex").slice(0, 32))
  renameSync(temporary, final)
  const folder = openSync(dirname(final), "r")
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
  return final
}

/** The state, or undefined where the bytes are not those of `digest`. Throws where the file cannot be read. */
export const readState = (path: string, digest: string): Required<State> | undefined => {
  const hash = createHash("sha256")
  const file = openSync(path, "r")
  const read = <Bytes extends Uint8Array>(bytes: Bytes): Bytes | undefined => {
    if (!readAll(file, bytes)) return undefined
    hash.update(bytes)
    return bytes
  }
  try {
    const length = read(Buffer.alloc(8))
    if (length === undefined) return undefined
    const size = Number(length.readBigUInt64LE())
    if (size > 100_000_000) return undefined
    const head = read(Buffer.alloc(size))
    if (head === undefined) return undefined
    const header = decodeHeader(head.toString("utf8"))
    const tensors: { [name: string]: Tensor } = {}
    let metadata: { readonly [name: string]: string } = {}
    for (const [name, entry] of Object.entries(header)) {
      if (name === "__metadata__") {
        metadata = entry as { readonly [name: string]: string }
        continue
      }
      const { dtype, shape, data_offsets } = entry as {
        readonly dtype: Dtype
        readonly shape: ReadonlyArray<number>
        readonly data_offsets: readonly [number, number]
      }
      const width = dtypes[dtype].BYTES_PER_ELEMENT
      const data = new dtypes[dtype]((data_offsets[1] - data_offsets[0]) / width)
      if (read(bytesOf(data)) === undefined) return undefined
      tensors[name] = { shape, data }
    }
    return hash.digest("hex").slice(0, 32) === digest ? { tensors, metadata } : undefined
  } catch (error) {
    // A header that does not parse is damage; what the file system says is passed on.
    if (error instanceof Error && "code" in error) throw error
    return undefined
  } finally {
    closeSync(file)
  }
}
