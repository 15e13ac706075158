/**
 * The footer of an Arrow IPC file: its schema and where each batch lies. Throws `Malformed`. Source: File.fbs of Apache
 * Arrow.
 */
import { magic } from "./fields.ts"
import { int64At, Malformed, rootTable } from "./flatTable.ts"
import type { FlatTable, Structs } from "./flatTable.ts"
import type { Region } from "./messages.ts"

/** Where a message lies: its metadata, prefix included, and the body behind them. */
export interface Block {
  readonly metadata: Region
  readonly body: Region
}

export interface Footer {
  readonly schema: FlatTable
  readonly dictionaries: ReadonlyArray<Block>
  readonly batches: ReadonlyArray<Block>
  /** Where the footer starts. */
  readonly start: number
}

export type Read = (region: Region) => Uint8Array

/** `size`: of the file, whose first bytes are known to be the magic. */
export const readFooter = (read: Read, size: number): Footer => {
  if (size < 2 * magic.length + 4) throw new Malformed("it is too short for an Arrow file")
  const tail = read({ offset: size - 10, length: 10 })
  const text = Buffer.from(tail.buffer, tail.byteOffset, 10)
  if (text.toString("latin1", 4) !== magic)
    throw new Malformed("the Arrow end mark is absent (it may be cut short)")
  const length = text.readInt32LE(0)
  if (length <= 0 || length > size - 18) throw new Malformed("the Arrow footer does not fit the file")
  const start = size - 10 - length
  const footer = rootTable(read({ offset: start, length }))
  const schema = footer.table(1)
  if (schema === undefined) throw new Malformed("the Arrow footer holds no schema")
  return {
    schema,
    start,
    dictionaries: blocks(footer.structs(2, 24), start),
    batches: blocks(footer.structs(3, 24), start)
  }
}

const blocks = ({ view, count }: Structs, end: number): ReadonlyArray<Block> =>
  Array.from({ length: count }, (_, i) => {
    const offset = int64At(view, 24 * i)
    const metadataLength = view.getInt32(24 * i + 8, true)
    const bodyLength = int64At(view, 24 * i + 16)
    if (
      offset < 8 ||
      offset % 8 !== 0 ||
      metadataLength <= 8 ||
      bodyLength < 0 ||
      offset + metadataLength + bodyLength > end
    )
      throw new Malformed("a record batch lies outside the file")
    const body = { offset: offset + metadataLength, length: bodyLength }
    return { metadata: { offset, length: metadataLength }, body }
  })

/** A message's metadata without the prefix: a mark (since Arrow .15) and their length. */
export const withoutPrefix = (metadata: Uint8Array): Uint8Array => {
  const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.byteLength)
  const prefix = view.getUint32(0, true) === 0xffffffff ? 8 : 4
  const length = view.getInt32(prefix - 4, true)
  if (length <= 0 || prefix + length > metadata.byteLength)
    throw new Malformed("a message is longer than its place in the file")
  return metadata.subarray(prefix, prefix + length)
}
