/**
 * An Arrow IPC file or stream of anyone's, as a list of what it holds: its schema, and where each batch of rows and of
 * dictionary values lies. Nothing but metadata is read, and all of it is checked first, so that values can be read batch by
 * batch from places that are known to be in the file. Throws `Malformed`. Cost: one small read for each batch.
 *
 * A file says its schema twice and names its batches in a footer. What it says must agree, and the footer must name all that
 * is there: one that names a batch too few, or twice, would be other rows without a word.
 */
import { readRegion } from "../../codecs/arrow/ArrowFile.ts"
import { headerCodes, magic } from "../../codecs/arrow/fields.ts"
import { Malformed } from "../../codecs/arrow/flatTable.ts"
import { type Block, type Footer, readFooter, withoutPrefix } from "../../codecs/arrow/footer.ts"
import {
  type Batch,
  type DictionaryBatch,
  type Message,
  readDictionaryBatch,
  readMessage,
  readRecordBatch,
  type Region
} from "../../codecs/arrow/messages.ts"
import { type ArrowSchema, readSchema } from "../../codecs/arrow/schema.ts"

export interface ArrowSource extends ArrowSchema {
  readonly file: number
  readonly size: number
  /** In the order in which they apply: a file's dictionaries come before all rows. */
  readonly steps: ReadonlyArray<Step>
  readonly isStream: boolean
  /** Full sentences for the user. */
  readonly notes: ReadonlyArray<string>
}

export type Step =
  | { readonly kind: "dictionary"; readonly dictionary: DictionaryBatch }
  | { readonly kind: "rows"; readonly batch: Batch }

/** `file`: an open file descriptor; `size`: its bytes. */
export const openSource = (file: number, size: number): ArrowSource => {
  const read = (region: Region) => readRegion(file, region)
  const head = read({ offset: 0, length: Math.min(size, magic.length) })
  const isFile = Buffer.from(head.buffer).toString("latin1") === magic
  return { file, size, isStream: !isFile, ...(isFile ? readFile(read, size) : readStream(read, size)) }
}

type Read = (region: Region) => Uint8Array
type Contents = ArrowSchema & Pick<ArrowSource, "steps" | "notes">

// --- files ---------------------------------------------------------------------------------------------------------

const readFile = (read: Read, size: number): Contents => {
  const footer = readFooter(read, size)
  const schema = readSchema(footer.schema)
  const first = firstSchema(read, footer.start)
  if (first !== undefined && JSON.stringify(first.fields) !== JSON.stringify(schema.fields))
    throw new Malformed("its schema is said twice, and differently")
  checkPlaces(footer, first?.end)
  const message = ({ metadata, body }: Block): Message => {
    const message = readMessage(withoutPrefix(read(metadata)))
    if (message.bodyLength !== body.length)
      throw new Malformed("a batch has another length than the footer says")
    return message
  }
  return {
    ...schema,
    notes: [],
    steps: [
      ...footer.dictionaries.map((block): Step => ({
        kind: "dictionary",
        dictionary: readDictionaryBatch(message(block), block.body)
      })),
      ...footer.batches.map((block): Step => ({
        kind: "rows",
        batch: readRecordBatch(message(block), block.body)
      }))
    ]
  }
}

/** Writers leave at most this much between parts, to align them; a batch takes more. */
const most = 64

/** The schema at the file's head and where it ends; undefined where there is none to find, since polars writes none. */
const firstSchema = (read: Read, end: number): (ArrowSchema & { readonly end: number }) | undefined => {
  for (let at = 8; at <= most; at += 8)
    try {
      const next = messageAt(read, at, end)
      if (next === undefined) continue
      if (next.message.header !== headerCodes.schema) return undefined
      return { ...readSchema(next.message.table), end: next.body.offset }
    } catch (error) {
      if (error instanceof Malformed) return undefined
      throw error
    }
  return undefined
}

/** Every byte behind the schema is in a part that the footer names, and in one only. */
const checkPlaces = (footer: Footer, schemaEnd: number | undefined): void => {
  let end = schemaEnd
  const parts = [...footer.dictionaries, ...footer.batches].toSorted(
    (a, b) => a.metadata.offset - b.metadata.offset
  )
  for (const { metadata, body } of parts) {
    if (end !== undefined && metadata.offset < end) throw new Malformed("two of its parts share bytes")
    if (end !== undefined && metadata.offset - end > most)
      throw new Malformed("it holds bytes that its footer does not name")
    end = body.offset + body.length
  }
  if (end !== undefined && footer.start - end > most)
    throw new Malformed("it holds bytes that its footer does not name")
}

// --- streams -------------------------------------------------------------------------------------------------------

interface Placed {
  readonly message: Message
  readonly body: Region
}

/** The message at a place of the file; undefined where its length is 0, which ends a stream. */
const messageAt = (read: Read, at: number, end: number): Placed | undefined => {
  if (end - at < 4) throw new Malformed("it is cut short")
  const prefix = read({ offset: at, length: Math.min(8, end - at) })
  const view = new DataView(prefix.buffer)
  const marked = view.getUint32(0, true) === 0xffffffff
  if (marked && prefix.length < 8) throw new Malformed("it is cut short")
  const length = view.getInt32(marked ? 4 : 0, true)
  if (length === 0) return undefined
  const start = at + (marked ? 8 : 4)
  if (length < 0) throw new Malformed("a message has a negative length")
  if (start + length > end) throw new Malformed("it is cut short, or no Arrow file or stream at all")
  const message = readMessage(read({ offset: start, length }))
  const body = { offset: start + length, length: message.bodyLength }
  if (body.offset + body.length > end) throw new Malformed("it is cut short")
  return { message, body }
}

const readStream = (read: Read, size: number): Contents => {
  const steps: Array<Step> = []
  let schema: ArrowSchema | undefined
  let at = 0
  let ended = false
  while (at < size && !ended) {
    const next = messageAt(read, at, size)
    if (next === undefined) {
      ended = true
      break
    }
    const { message, body } = next
    if (message.header === headerCodes.schema) {
      if (schema !== undefined) throw new Malformed("it holds two schemas")
      schema = readSchema(message.table)
    } else if (schema === undefined) throw new Malformed("it does not begin with a schema")
    else if (message.header === headerCodes.dictionaryBatch)
      steps.push({ kind: "dictionary", dictionary: readDictionaryBatch(message, body) })
    else steps.push({ kind: "rows", batch: readRecordBatch(message, body) })
    at = body.offset + body.length
  }
  if (schema === undefined) throw new Malformed("it holds no schema")
  if (ended && size - at > 8 && hasMore(read, at, size)) throw new Malformed("bytes follow its end mark")
  return {
    ...schema,
    steps,
    notes: ended
      ? []
      : [
          "The Arrow stream has no end mark: rows that were cut off behind its last batch would not be missed."
        ]
  }
}

/** Whether anything but zeros follows the end mark, which takes four bytes or eight. */
const hasMore = (read: Read, at: number, size: number): boolean =>
  read({ offset: at + 8, length: Math.min(1 << 16, size - at - 8) }).some((byte) => byte !== 0)
