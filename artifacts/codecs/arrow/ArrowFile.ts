/**
 * Reads the metadata of an Arrow IPC file of the store: its schema and where each buffer of each record batch lies. Values
 * are then read straight from the file into aligned memory (`readRegion`), so that a matrix costs one pass and no copy, and
 * a batch may be larger than 2 GiB.
 */
import * as fs from "node:fs"
import { corrupt } from "../../failures.ts"
import type { ArrowField } from "./fields.ts"
import { Malformed } from "./flatTable.ts"
import { readFooter, withoutPrefix } from "./footer.ts"
import { type Batch, readMessage, readRecordBatch, type Region } from "./messages.ts"
import { readSchema } from "./schema.ts"

export type { Batch, Region } from "./messages.ts"

export interface ArrowFile {
  readonly fields: ReadonlyArray<ArrowField>
  readonly metadata: { readonly [key: string]: string }
  readonly batches: ReadonlyArray<Batch>
  /** Whether the file holds dictionary batches, which are not read here. */
  readonly dictionaries: boolean
}

/** Reads the footer and every batch's header. Throws `ArtifactError` (corrupt) or a system error. */
export const openArrowFile = (path: string): ArrowFile => {
  const file = fs.openSync(path, "r")
  try {
    const read = (region: Region) => readRegion(file, region)
    const footer = readFooter(read, fs.fstatSync(file).size)
    return {
      ...readSchema(footer.schema),
      dictionaries: footer.dictionaries.length > 0,
      batches: footer.batches.map(({ metadata, body }) =>
        readRecordBatch(readMessage(withoutPrefix(read(metadata))), body)
      )
    }
  } catch (error) {
    if (error instanceof Malformed) throw corrupt(path, error.message)
    throw error
  } finally {
    fs.closeSync(file)
  }
}

/** Whether a buffer holds the offsets of a list or text column: one more than there are rows, 4 bytes each. */
export const hasOffsets = ({ buffers, rows }: Batch, buffer: number): boolean =>
  (buffers[buffer]?.length ?? -1) >= 4 * (rows + 1)

const chunk = 1 << 30

/** Reads a region into fresh memory (or into `into`), in pieces, since one read moves at most 2 GiB. */
export const readRegion = (file: number, region: Region, into?: Uint8Array): Uint8Array => {
  const bytes = into ?? new Uint8Array(region.length)
  let done = 0
  while (done < region.length) {
    const wanted = Math.min(chunk, region.length - done)
    const got = fs.readSync(file, bytes, done, wanted, region.offset + done)
    if (got === 0) throw new Malformed("the file ends too early")
    done += got
  }
  return bytes
}
