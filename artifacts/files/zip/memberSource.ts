/**
 * A member of a zip as a source of bytes: unpacked as far as somebody reads, and compared with its CRC-32 when all was read.
 * Memory: one chunk of the inflater, whatever the member unpacks to.
 */
import * as fs from "node:fs"
import { pipeline } from "node:stream"
import * as zlib from "node:zlib"
import type { ByteSource } from "../ByteSource.ts"
import { errnoOf } from "../../failures.ts"
import { readAt } from "../ByteSource.ts"
import type { InputError } from "../../../schemas/errors.ts"
import { lengthError } from "../bounds.ts"
import { fileError } from "../UserMatrix.ts"
import type { Member } from "./directory.ts"

/** Deflate packs at most 1,032 to 1; real numbers stay far below, and what is past both bounds would only fill the memory. */
const bomb = { size: 1 << 26, ratio: 500 }

const methods: { readonly [method: number]: string } = {
  1: "shrunk",
  6: "imploded",
  9: "deflated (64 KiB windows)",
  12: "bzip2",
  14: "LZMA",
  93: "zstd",
  95: "xz",
  98: "PPMd",
  99: "AES"
}

const damaged = (path: string, why: string) =>
  fileError(
    path,
    `The array is damaged: ${why}.`,
    "bytes as they were written",
    "copy or write the file again"
  )

/** Why a member is not unpacked, whole as it may be; undefined for one that is. `path`: how messages name it. */
export const refusal = (path: string, member: Member): InputError | undefined => {
  if (member.encrypted) {
    return fileError(
      path,
      "The array is encrypted.",
      "an npz file without a password",
      "write it again without one"
    )
  }
  if (member.method !== 0 && member.method !== 8) {
    return fileError(
      path,
      `The array is packed by a method that is not read (${methods[member.method] ?? `number ${member.method}`}).`,
      "stored or deflated, as numpy.savez and numpy.savez_compressed write",
      "write it again with numpy"
    )
  }
  if (member.method === 8 && member.size > bomb.size && member.size > bomb.ratio * member.packed) {
    return fileError(
      path,
      `The array would unpack to ${member.size} bytes from ${member.packed}.`,
      `at most ${bomb.ratio} times as many bytes as in the file, where they are more than ${bomb.size}`,
      "if it is meant, save it with numpy.savez, which does not pack"
    )
  }
  return undefined
}

/** `file`: an open descriptor of the zip at `zip`; closing the source leaves it open. Throws an InputError for what is not unpacked. */
export const memberSource = (zip: string, file: number, member: Member): ByteSource => {
  const path = `${zip} → ${member.name}`
  const fault = refusal(path, member)
  if (fault !== undefined) throw fault
  if (member.method === 0) return storedSource(path, file, member)
  if (member.packed === 0) throw damaged(path, "it is deflated to no bytes")
  return Math.max(member.size, member.packed) <= small
    ? smallSource(path, file, member)
    : inflatedSource(zip, path, member)
}

const checksum = (path: string, found: number, expected: number): void => {
  if (found !== expected) throw damaged(path, "its CRC-32 is not the one it was written with")
}

const storedSource = (path: string, file: number, member: Member): ByteSource => {
  if (member.packed !== member.size) throw damaged(path, "it is stored, and its two sizes differ")
  let position = 0
  let crc = 0
  return {
    path,
    size: member.size,
    read: async (memory, at, length) => {
      if (position + length > member.size)
        throw lengthError(path, "The array", position + length, member.size)
      const got = readAt(
        file,
        member.at + position,
        memory,
        at,
        length,
        (part) => (crc = zlib.crc32(part, crc))
      )
      position += got
      if (got < length) throw damaged(path, "the file ends too early")
    },
    check: async () => checksum(path, crc, member.crc),
    close: async () => {}
  }
}

const chunkSize = 1 << 18

/** What is unpacked at once: a stream costs a millisecond to make. */
const small = 1 << 20

const smallSource = (path: string, file: number, member: Member): ByteSource => {
  let unpacked: { readonly bytes: Uint8Array; readonly used: number } | undefined
  const all = (): NonNullable<typeof unpacked> => {
    if (unpacked !== undefined) return unpacked
    const packed = new Uint8Array(member.packed)
    if (readAt(file, member.at, packed.buffer, 0, member.packed) < member.packed) {
      throw damaged(path, "the file ends too early")
    }
    try {
      const { buffer, engine } = zlib.inflateRawSync(packed, {
        info: true,
        maxOutputLength: Math.max(1, member.size)
      }) as unknown as { readonly buffer: Buffer; readonly engine: zlib.InflateRaw }
      return (unpacked = { bytes: buffer, used: engine.bytesWritten })
    } catch (error) {
      throw damaged(
        path,
        errnoOf(error) === "ERR_BUFFER_TOO_LARGE"
          ? "it unpacks to more bytes than it says"
          : "it does not unpack"
      )
    }
  }
  let position = 0
  return {
    path,
    size: member.size,
    read: async (memory, at, length) => {
      const { bytes } = all()
      const asked = position + length
      if (asked > bytes.length)
        throw lengthError(path, "The array", Math.max(asked, member.size), bytes.length)
      new Uint8Array(memory, at, length).set(bytes.subarray(position, asked))
      position = asked
    },
    check: async () => {
      const { bytes, used } = all()
      if (bytes.length > member.size) throw damaged(path, "it unpacks to more bytes than it says")
      if (used !== member.packed) throw damaged(path, "there are bytes behind its end")
      checksum(path, zlib.crc32(bytes), member.crc)
    },
    close: async () => {}
  }
}

const inflatedSource = (zip: string, path: string, member: Member): ByteSource => {
  const inflate = zlib.createInflateRaw({ chunkSize })
  const input = fs.createReadStream(zip, {
    start: member.at,
    end: member.at + member.packed - 1,
    highWaterMark: chunkSize
  })
  // Errors of either stream come out of the iterator.
  pipeline(input, inflate, () => {})
  const chunks = inflate[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let chunk: Uint8Array = new Uint8Array(0)
  let crc = 0
  let position = 0
  const next = async (): Promise<boolean> => {
    try {
      const { done, value } = await chunks.next()
      if (done === true) return false
      chunk = value as Buffer
      crc = zlib.crc32(chunk, crc)
      return true
    } catch {
      throw damaged(path, "it does not unpack")
    }
  }
  return {
    path,
    size: member.size,
    read: async (memory, at, length) => {
      if (position + length > member.size)
        throw lengthError(path, "The array", position + length, member.size)
      for (let done = 0; done < length;) {
        if (chunk.length === 0) {
          if (!(await next())) throw lengthError(path, "The array", member.size, position + done)
          continue
        }
        const part = chunk.subarray(0, length - done)
        new Uint8Array(memory, at + done, part.length).set(part)
        chunk = chunk.subarray(part.length)
        done += part.length
      }
      position += length
    },
    check: async () => {
      if (chunk.length > 0 || (await next())) throw damaged(path, "it unpacks to more bytes than it says")
      if (inflate.bytesWritten !== member.packed) throw damaged(path, "there are bytes behind its end")
      checksum(path, crc, member.crc)
    },
    close: async () => {
      input.destroy()
      inflate.destroy()
    }
  }
}
