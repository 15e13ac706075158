/**
 * The header of NumPy's `.npy`: magic, version, length, and a Python dictionary that names dtype, order and shape.
 * Source: numpy.lib.format, versions 1.0 to 3.0.
 */
import type { ByteSource } from "./ByteSource.ts"
import { volume, within } from "./bounds.ts"
import type { InputError } from "../../schemas/errors.ts"
import { fileError } from "./UserMatrix.ts"

export interface NpyHeader {
  /** Such as `<f4`; null for records, whose description is a list. */
  readonly descr: string | null
  readonly fortran: boolean
  readonly shape: ReadonlyArray<number>
  /** The product of the shape. */
  readonly count: number
  /** Where the numbers begin. */
  readonly offset: number
}

export const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

/** Longest dictionary that is looked at; numpy's own limit is 10,000. */
const longest = 1 << 20

/** Bytes that are read before it is known whether a source is an npy file. */
export const firstBytes = 10

/** Reads a source up to where its numbers begin. */
export const readNpyHeader = async (source: ByteSource): Promise<NpyHeader> => {
  const header = await peekNpyHeader(source)
  if (header !== undefined) return header
  throw fileError(
    source.path,
    "This is not an npy file: it does not begin with \\x93NUMPY.",
    "an array written by numpy.save",
    "check that the file was copied whole"
  )
}

/** As `readNpyHeader`; undefined, with `firstBytes` read, where the source is no npy file. */
export const peekNpyHeader = async (source: ByteSource): Promise<NpyHeader | undefined> => {
  const { path, size } = source
  const next = async (length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length)
    await source.read(bytes.buffer, 0, length)
    return bytes
  }
  const start = await next(Math.min(firstBytes, size))
  if (start.length < firstBytes || magic.some((byte, i) => start[i] !== byte)) return undefined
  const [major, minor] = [start[6]!, start[7]!]
  if (major < 1 || major > 3 || minor !== 0) {
    throw fileError(path, `The npy file has the version ${major}.${minor}.`, "version 1.0, 2.0 or 3.0")
  }
  const short = new DataView(start.buffer).getUint16(8, true)
  const rest = major === 1 ? undefined : await next(Math.min(2, size - 10))
  const length = rest === undefined ? short : short + 65536 * ((rest[0] ?? 0) + 256 * (rest[1] ?? 0))
  const from = major === 1 ? 10 : 12
  if (length > longest || !within(from, length, size)) {
    throw fileError(
      path,
      within(from, length, size)
        ? `The npy header has ${length} bytes.`
        : `The file is cut short: it has ${size} bytes, and its header alone should have ${from + length}.`,
      "an array written by numpy.save",
      "check that the file was copied whole"
    )
  }
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(await next(length))
  return { ...dictionary(text, path), offset: from + length }
}

/** `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`: these three keys, once each, and nothing else. */
const dictionary = (text: string, path: string): Omit<NpyHeader, "offset"> => {
  const entries = new Map<string, string>()
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1]
  if (body === undefined) throw unreadable(path, "it is not a dictionary")
  const entry = /\s*(['"])(\w+)\1\s*:\s*(True|False|\([^()]*\)|'[^'\\]*'|"[^"\\]*"|\[.*\])\s*(,|$)\s*/sy
  while (entry.lastIndex < body.length) {
    const found = entry.exec(body)
    if (found === null) throw unreadable(path, "it is not the dictionary that numpy writes")
    if (entries.has(found[2]!)) throw unreadable(path, `it names '${found[2]}' twice`)
    entries.set(found[2]!, found[3]!)
  }
  const [descr, fortran, shape] = ["descr", "fortran_order", "shape"].map((name) => entries.get(name))
  if (descr === undefined || fortran === undefined || shape === undefined || entries.size !== 3) {
    throw unreadable(path, `it names ${[...entries.keys()].join(", ") || "nothing"}`)
  }
  if (!/^(['"[])/.test(descr)) throw unreadable(path, `'descr' is ${descr}`)
  if (!/^(True|False)$/.test(fortran)) throw unreadable(path, `'fortran_order' is ${fortran}`)
  const sizes = sizesOf(shape)
  const count = sizes === undefined ? undefined : volume(sizes)
  if (sizes === undefined || count === undefined) {
    throw fileError(
      path,
      `The npy header names a shape that cannot be: ${shape.slice(0, 60)}.`,
      "whole numbers from 0, as numpy.save writes them"
    )
  }
  return {
    descr: descr.startsWith("[") ? null : descr.slice(1, -1),
    fortran: fortran === "True",
    shape: sizes,
    count
  }
}

const unreadable = (path: string, why: string): InputError =>
  fileError(
    path,
    `The npy header cannot be read: ${why}.`,
    "'descr', 'fortran_order' and 'shape', once each, as numpy.save writes them",
    "write it again"
  )

/** `(3,)`, `(3, 4)`, `()`; Python 2 wrote `3L`. One number without a comma is no tuple. */
const sizesOf = (shape: string): ReadonlyArray<number> | undefined => {
  const inner = /^\(\s*(.*?)\s*\)$/s.exec(shape)?.[1]
  if (inner === undefined) return undefined
  if (inner === "") return []
  const parts = inner.split(",").map((part) => part.trim())
  if (parts.length === 1) return undefined
  if (parts.at(-1) === "") parts.pop()
  return parts.every((part) => /^(0|[1-9]\d*)L?$/.test(part))
    ? parts.map((part) => Number(part.replace("L", "")))
    : undefined
}
