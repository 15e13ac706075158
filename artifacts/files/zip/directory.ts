/**
 * A zip's central directory, compared with its local headers. Source: PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5 (zip64
 * included). Whatever a valid archive of one disk has, and nothing else: no bytes before, between or behind its parts that the
 * directory does not name, no two members of one name, none that share bytes. Cost O(bytes of the directory) and one read a
 * member; nothing is inflated.
 */
import { readAt } from "../ByteSource.ts"
import { within } from "../bounds.ts"
import { fileError } from "../UserMatrix.ts"

export interface Member {
  readonly name: string
  /** 0: stored, 8: deflated. */
  readonly method: number
  readonly encrypted: boolean
  readonly crc: number
  /** Bytes in the file, and unpacked. */
  readonly packed: number
  readonly size: number
  /** Where its packed bytes begin. */
  readonly at: number
}

const signatures = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator: 0x07064b50
}
const wide32 = 0xffffffff
const wide16 = 0xffff

const bad = (path: string, why: string) =>
  fileError(
    path,
    `This is not an npz file: ${why}.`,
    "a zip written by numpy.savez or scipy.sparse.save_npz",
    "check that the file was copied whole, or write it again"
  )

/** Reads a region that is known to lie within the file. */
const view = (path: string, file: number, at: number, length: number): DataView => {
  const memory = new ArrayBuffer(length)
  if (readAt(file, at, memory, 0, length) < length) throw bad(path, "it ends too early")
  return new DataView(memory)
}

interface End {
  readonly count: number
  readonly size: number
  readonly at: number
}

/** The end record, whose comment reaches to the file's last byte. */
const readEnd = (path: string, file: number, fileSize: number): End => {
  const length = Math.min(fileSize, 22 + wide16)
  const from = fileSize - length
  const tail = view(path, file, from, length)
  let found = -1
  for (let at = length - 22; at >= 0 && found < 0; at--) {
    if (tail.getUint32(at, true) === signatures.end && at + 22 + tail.getUint16(at + 20, true) === length)
      found = at
  }
  if (found < 0) {
    throw bad(path, "no zip ends where the file ends (it is cut short, or has other bytes behind it)")
  }
  const [disk, first, here, count] = [4, 6, 8, 10].map((offset) => tail.getUint16(found + offset, true))
  let end: End & { readonly behind: number } = {
    count: count!,
    size: tail.getUint32(found + 12, true),
    at: tail.getUint32(found + 16, true),
    behind: from + found
  }
  // Python writes the wide record from 2 GiB on, also where 32 bits would hold what it says.
  const narrow = count !== wide16 && end.size !== wide32 && end.at !== wide32
  const wide = narrow && end.at + end.size === end.behind ? undefined : readEnd64(path, file, from + found)
  if (wide !== undefined) end = wide
  else if (disk !== 0 || first !== 0 || here !== count) throw bad(path, "it is one part of several")
  if (!within(end.at, end.size, fileSize) || end.at + end.size !== end.behind) {
    throw bad(path, "its directory is not where its end says (there are bytes before or between its parts)")
  }
  return end
}

/** The wide end record before the locator before `end`; undefined where there is none. */
const readEnd64 = (path: string, file: number, end: number) => {
  if (end < 20 + 56) return undefined
  const locator = view(path, file, end - 20, 20)
  if (locator.getUint32(0, true) !== signatures.locator) return undefined
  const at = Number(locator.getBigUint64(8, true))
  if (locator.getUint32(4, true) !== 0 || locator.getUint32(16, true) !== 1 || !within(at, 56, end - 20)) {
    throw bad(path, "its end record lies outside the file")
  }
  const wide = view(path, file, at, 56)
  const [size, here, count, directory, start] = [4, 24, 32, 40, 48].map((offset) =>
    Number(wide.getBigUint64(offset, true))
  ) as [number, number, number, number, number]
  if (wide.getUint32(0, true) !== signatures.end64 || at + 12 + size !== end - 20 || here !== count) {
    throw bad(path, "its end record is damaged")
  }
  return { count, size: directory, at: start, behind: at }
}

/** Values of a zip64 field in the order that the format gives them, for those that 32 bits do not hold. */
const widened = (path: string, extra: DataView, sizes: ReadonlyArray<number>): ReadonlyArray<number> => {
  const wanted = sizes.filter((size) => size === wide32).length
  if (wanted === 0) return sizes
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true)
    if (!within(at + 4, length, extra.byteLength)) break
    if (extra.getUint16(at, true) === 1 && length >= 8 * wanted) {
      let next = at + 4
      return sizes.map((size) => {
        if (size !== wide32) return size
        next += 8
        return Number(extra.getBigUint64(next - 8, true))
      })
    }
    at += 4 + length
  }
  throw bad(path, "a size of 64 bits is absent")
}

const part = (view: DataView, at: number, length: number): DataView =>
  new DataView(view.buffer, view.byteOffset + at, length)

const bytesOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)

/** What both headers of a member say. */
interface Said {
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly name: Uint8Array
}

/** Members in the order of the directory. Throws an InputError for whatever is no valid archive. */
export const readDirectory = (path: string, file: number, fileSize: number): ReadonlyArray<Member> => {
  const end = readEnd(path, file, fileSize)
  if (end.count > end.size / 46) throw bad(path, "its directory is shorter than it says")
  const directory = view(path, file, end.at, end.size)
  const members: Array<Member & { readonly from: number }> = []
  let at = 0
  for (let i = 0; i < end.count; i++) {
    if (!within(at, 46, end.size) || directory.getUint32(at, true) !== signatures.central) {
      throw bad(path, "its directory is damaged")
    }
    const [nameLength, extraLength, commentLength, disk] = [28, 30, 32, 34].map((offset) =>
      directory.getUint16(at + offset, true)
    ) as [number, number, number, number]
    if (!within(at + 46, nameLength + extraLength + commentLength, end.size)) {
      throw bad(path, "its directory is damaged")
    }
    const [size, packed, from] = widened(
      path,
      part(directory, at + 46 + nameLength, extraLength),
      [24, 20, 42].map((offset) => directory.getUint32(at + offset, true))
    ) as [number, number, number]
    const said: Said = {
      flags: directory.getUint16(at + 8, true),
      method: directory.getUint16(at + 10, true),
      crc: directory.getUint32(at + 16, true),
      packed,
      size,
      name: bytesOf(part(directory, at + 46, nameLength))
    }
    if (disk !== 0 && disk !== wide16) throw bad(path, "it is one part of several")
    members.push(readMember(path, file, said, from, end.at))
    at += 46 + nameLength + extraLength + commentLength
  }
  if (at !== end.size) throw bad(path, "its directory is longer than it says")
  checkApart(path, members, end.at)
  return members
}

/** Compares a member's local header with what the directory says. `limit`: where the directory begins. */
const readMember = (path: string, file: number, said: Said, from: number, limit: number) => {
  if (!within(from, 30, limit)) throw bad(path, "a member lies outside the file")
  const fixed = view(path, file, from, 30)
  const [flags, method, nameLength, extraLength] = [6, 8, 26, 28].map((offset) =>
    fixed.getUint16(offset, true)
  ) as [number, number, number, number]
  const at = from + 30 + nameLength + extraLength
  if (fixed.getUint32(0, true) !== signatures.local || !within(at, said.packed, limit)) {
    throw bad(path, "a member lies outside the file")
  }
  const names = view(path, file, from + 30, nameLength + extraLength)
  const sameName = Buffer.compare(bytesOf(part(names, 0, nameLength)), said.name) === 0
  // Bit 3: sizes and checksum follow the data, and stand in the directory.
  const later = (flags & 8) !== 0
  const [size, packed] = later
    ? [said.size, said.packed]
    : widened(
        path,
        part(names, nameLength, extraLength),
        [22, 18].map((offset) => fixed.getUint32(offset, true))
      )
  if (
    !sameName ||
    flags !== said.flags ||
    method !== said.method ||
    size !== said.size ||
    packed !== said.packed ||
    (!later && fixed.getUint32(14, true) !== said.crc)
  ) {
    throw bad(path, `its directory and the header of a member ('${textOf(said.name)}') do not agree`)
  }
  return {
    name: textOf(said.name),
    method,
    encrypted: (flags & 0x2041) !== 0,
    crc: said.crc,
    packed: said.packed,
    size: said.size,
    at,
    from
  }
}

const textOf = (name: Uint8Array): string => new TextDecoder().decode(name)

/** Members follow each other; behind one there may be the sizes that its header left out (at most 24 bytes). */
const checkApart = (
  path: string,
  members: ReadonlyArray<Member & { readonly from: number }>,
  end: number
): void => {
  const inOrder = members.toSorted((a, b) => a.from - b.from)
  inOrder.forEach((member, i) => {
    const previous = i === 0 ? 0 : inOrder[i - 1]!.at + inOrder[i - 1]!.packed
    if (member.from < previous) throw bad(path, `'${member.name}' shares bytes with another member`)
    if (member.from - previous > (i === 0 ? 0 : 24))
      throw bad(path, "there are bytes that its directory does not name")
  })
  const last = inOrder.at(-1)
  if (end - (last === undefined ? 0 : last.at + last.packed) > 24) {
    throw bad(path, "there are bytes that its directory does not name")
  }
}
