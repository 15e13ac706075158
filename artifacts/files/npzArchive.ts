/**
 * NumPy's `.npz`, a zip of npy files: what is in it, without unpacking more than the headers. Every array that is read is
 * compared with its CRC-32; an array that could be keys and is not known to be anything else is compared too, since a damaged
 * type would otherwise hide it.
 */
import * as fs from "node:fs"
import type { ByteSource } from "./ByteSource.ts"
import { checkLength } from "./bounds.ts"
import { numberTypeOf } from "./npy.ts"
import type { NpyHeader } from "./npyHeader.ts"
import { firstBytes, peekNpyHeader, readNpyHeader } from "./npyHeader.ts"
import { textTypeOf } from "./npyTexts.ts"
import { fileError } from "./UserMatrix.ts"
import type { Member } from "./zip/directory.ts"
import { readDirectory } from "./zip/directory.ts"
import { memberSource, refusal } from "./zip/memberSource.ts"

/** One array of the file. */
export interface NpzEntry {
  readonly name: string
  /** `unread`: no npy file, or packed in a way that is not read. */
  readonly kind: "numbers" | "texts" | "other" | "unread"
  /** Absent where `kind` is `unread`. */
  readonly header?: NpyHeader
  /** Why it cannot be unpacked, where that is so. */
  readonly fault?: string
}

export interface NpzArchive {
  readonly path: string
  readonly entries: ReadonlyArray<NpzEntry>
  /** Reads one array by a function of its source, which stands behind the header. */
  readonly read: <A>(name: string, use: (source: ByteSource, header: NpyHeader) => Promise<A>) => Promise<A>
}

/** Opens a file, gives its arrays to `use`, and closes it. Throws an InputError. */
export const withNpz = async <A>(path: string, use: (archive: NpzArchive) => Promise<A>): Promise<A> => {
  const file = fs.openSync(path, "r")
  try {
    const members = byName(path, readDirectory(path, file, fs.fstatSync(file).size))
    const read: NpzArchive["read"] = async (name, then) => {
      const source = memberSource(path, file, members.get(name)!)
      try {
        return await then(source, await readNpyHeader(source))
      } finally {
        await source.close()
      }
    }
    const entries: Array<NpzEntry> = []
    for (const [name, member] of members) entries.push(await look(path, file, name, member))
    return await use({ path, entries, read })
  } finally {
    fs.closeSync(file)
  }
}

/** Names without `.npy`, as numpy gives them. */
const byName = (path: string, members: ReadonlyArray<Member>): ReadonlyMap<string, Member> => {
  const named = new Map<string, Member>()
  for (const member of members) {
    const name = member.name.replace(/\.npy$/, "")
    if (named.has(name)) {
      throw fileError(
        path,
        `The file holds two arrays named '${name}'.`,
        "one array of each name",
        "write it again"
      )
    }
    named.set(name, { ...member, name })
  }
  return named
}

/** What a member is, by its header. */
const look = async (path: string, file: number, name: string, member: Member): Promise<NpzEntry> => {
  const fault = refusal(`${path} → ${name}`, member)
  if (fault !== undefined) return { name, kind: "unread", fault: fault.what }
  const source = memberSource(path, file, member)
  try {
    const header = await peekNpyHeader(source)
    if (header === undefined) {
      await compare(source, Math.min(firstBytes, source.size))
      return { name, kind: "unread" }
    }
    const numbers = numberTypeOf(header)
    const type = numbers ?? textTypeOf(header)
    if (type === undefined) {
      await compare(source, header.offset)
      return { name, header, kind: "other" }
    }
    checkLength(source.path, "The array", header.offset + header.count * type.size, source.size)
    return { name, header, kind: numbers === undefined ? "texts" : "numbers" }
  } finally {
    await source.close()
  }
}

/** What is larger is no list of keys. */
const largestKeys = 1 << 30

/** Reads what is left of a source, for its checksum alone. */
const compare = async (source: ByteSource, from: number): Promise<void> => {
  if (source.size > largestKeys) return
  const memory = new ArrayBuffer(1 << 18)
  for (let at = from; at < source.size; at += memory.byteLength) {
    await source.read(memory, 0, Math.min(memory.byteLength, source.size - at))
  }
  await source.check()
}
