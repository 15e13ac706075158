/**
 * Writes a zip of stored members, piece by piece: memory is one piece, whatever the members hold. Sizes past 4 GiB are written
 * as zip64. Equal members give equal bytes: every date is 1980-01-01. Source: PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5.
 */
import { closeSync, openSync, writeSync } from "node:fs"
import * as zlib from "node:zlib"
import { writeFully } from "../npy.ts"

export interface StoredMember {
  readonly name: string
  readonly size: number
  readonly parts: () => Iterable<Uint8Array>
}

interface Written {
  readonly name: Buffer
  readonly size: number
  readonly crc: number
  readonly at: number
}

const most32 = 0xffffffff
const date = 0x21

/** What both headers of a member begin with, from the version needed to the two lengths. */
const common = ({ name, crc }: Written, size32: number, version: number, extra: number): Buffer => {
  const bytes = Buffer.alloc(26)
  bytes.writeUInt16LE(version, 0)
  bytes.writeUInt16LE(0x800, 2) // names are UTF-8
  bytes.writeUInt16LE(date, 8)
  bytes.writeUInt32LE(crc, 10)
  bytes.writeUInt32LE(size32, 14)
  bytes.writeUInt32LE(size32, 18)
  bytes.writeUInt16LE(name.length, 22)
  bytes.writeUInt16LE(extra, 24)
  return bytes
}

const signature = (text: string): Buffer => Buffer.from(`PK${text}`, "latin1")

/** Sizes and places of 64 bits, behind the name. */
const wide = (values: ReadonlyArray<number>): Buffer => {
  if (values.length === 0) return Buffer.alloc(0)
  const bytes = Buffer.alloc(4 + 8 * values.length)
  bytes.writeUInt16LE(1, 0)
  bytes.writeUInt16LE(8 * values.length, 2)
  values.forEach((value, i) => bytes.writeBigUInt64LE(BigInt(value), 4 + 8 * i))
  return bytes
}

const localHeader = (member: Written): Buffer => {
  const large = member.size >= most32
  const extra = wide(large ? [member.size, member.size] : [])
  return Buffer.concat([
    signature("\x03\x04"),
    common(member, large ? most32 : member.size, large ? 45 : 20, extra.length),
    member.name,
    extra
  ])
}

const centralHeader = (member: Written): Buffer => {
  const large = member.size >= most32
  const far = member.at >= most32
  const extra = wide([...(large ? [member.size, member.size] : []), ...(far ? [member.at] : [])])
  const version = large || far ? 45 : 20
  const tail = Buffer.alloc(14)
  tail.writeUInt32LE(far ? most32 : member.at, 10)
  const made = Buffer.alloc(2)
  made.writeUInt16LE(version, 0)
  return Buffer.concat([
    signature("\x01\x02"),
    made,
    common(member, large ? most32 : member.size, version, extra.length),
    tail,
    member.name,
    extra
  ])
}

const endRecords = (count: number, size: number, at: number): Buffer => {
  const end = Buffer.alloc(22)
  signature("\x05\x06").copy(end)
  const large = at + size >= most32
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(large ? most32 : size, 12)
  end.writeUInt32LE(large ? most32 : at, 16)
  if (!large) return end
  const record = Buffer.alloc(56)
  signature("\x06\x06").copy(record)
  record.writeBigUInt64LE(44n, 4)
  record.writeUInt16LE(45, 12)
  record.writeUInt16LE(45, 14)
  record.writeBigUInt64LE(BigInt(count), 24)
  record.writeBigUInt64LE(BigInt(count), 32)
  record.writeBigUInt64LE(BigInt(size), 40)
  record.writeBigUInt64LE(BigInt(at), 48)
  const locator = Buffer.alloc(20)
  signature("\x06\x07").copy(locator)
  locator.writeBigUInt64LE(BigInt(at + size), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([record, locator, end])
}

/** Throws the system's errors. At most 65,535 members. */
export const writeZip = (path: string, members: ReadonlyArray<StoredMember>): void => {
  const file = openSync(path, "w")
  try {
    const written: Array<Written> = []
    let position = 0
    for (const { name, size, parts } of members) {
      const member = { name: Buffer.from(name, "utf8"), size, at: position }
      const head = localHeader({ ...member, crc: 0 })
      writeFully(file, head)
      let crc = 0
      for (const part of parts()) {
        crc = zlib.crc32(part, crc)
        writeFully(file, part)
      }
      writeSync(file, localHeader({ ...member, crc }), 0, head.length, position)
      written.push({ ...member, crc })
      position += head.length + size
    }
    const central = Buffer.concat(written.map(centralHeader))
    writeFully(file, Buffer.concat([central, endRecords(written.length, central.length, position)]))
  } finally {
    closeSync(file)
  }
}
