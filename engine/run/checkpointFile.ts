/**
 * A checkpoint on disk: a safetensors file whose name carries its number and the SHA-256 of its bytes, so that a torn
 * file is never mistaken for a state.
 */
import { createHash } from "node:crypto"
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { layOut, maxHeader, parseHeader, tensorsOf } from "../../artifacts/codecs/safetensors.ts"
import type { State } from "../services/Checkpoint.ts"

/** System calls move at most this much; what they leave is asked for again. */
const chunk = 2 ** 30

const writeAll = (file: number, bytes: Uint8Array): void => {
  let at = 0
  while (at < bytes.length) at += writeSync(file, bytes, at, Math.min(chunk, bytes.length - at))
}

const readAll = (file: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  let at = 0
  while (at < length) {
    const got = readSync(file, bytes, at, Math.min(chunk, length - at), null)
    if (got === 0) throw new RangeError("the file is shorter than it says")
    at += got
  }
  return bytes
}

const makeDurable = (path: string): void => {
  const handle = openSync(path, "r")
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Written to `temporary`, made durable, renamed to `name(digest)` with the first 32 digits of its SHA-256. */
export const writeState = (temporary: string, name: (digest: string) => string, state: State): void => {
  const hash = createHash("sha256")
  const file = openSync(temporary, "w")
  try {
    for (const bytes of layOut(state)) {
      hash.update(bytes)
      writeAll(file, bytes)
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  const final = name(hash.digest("hex").slice(0, 32))
  renameSync(temporary, final)
  makeDurable(dirname(final))
}

/** The state, or undefined where the bytes are not those of `digest`. Throws what the file system throws. */
export const readState = (path: string, digest: string): Required<State> | undefined => {
  const file = openSync(path, "r")
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) return undefined
    const size = stat.size
    const length = readAll(file, 8)
    const headerBytes = Number(Buffer.from(length.buffer).readBigUInt64LE())
    if (headerBytes > Math.min(maxHeader, size - 8)) return undefined
    const header = readAll(file, headerBytes)
    const data = readAll(file, size - 8 - headerBytes)
    const hash = createHash("sha256").update(length).update(header).update(data)
    if (hash.digest("hex").slice(0, 32) !== digest) return undefined
    return tensorsOf(parseHeader(header, data.length), data)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  } finally {
    closeSync(file)
  }
}
