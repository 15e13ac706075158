/** Reads buffers of an Arrow file into typed arrays: many at once, so that both cores copy from the page cache. */
import type { FileHandle } from "node:fs/promises"
import type { Region } from "./ArrowFile.ts"

/** One read: a region of the file into a part of an array. */
export interface Task {
  readonly region: Region
  readonly into: Uint8Array
}

const piece = 4 << 20
const inFlight = 4

/** Fills every task's array. Reads are cut into pieces and run a few at a time on the thread pool. */
export const readAll = async (file: FileHandle, tasks: ReadonlyArray<Task>): Promise<void> => {
  const pieces = split(tasks)
  const worker = async (): Promise<void> => {
    for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
      const { region, into } = next.value
      let done = 0
      while (done < region.length) {
        const { bytesRead } = await file.read(into, done, region.length - done, region.offset + done)
        if (bytesRead === 0) throw new RangeError("the file ends too early")
        done += bytesRead
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}

function* split(tasks: ReadonlyArray<Task>): Generator<Task, undefined> {
  for (const { region, into } of tasks)
    for (let start = 0; start < region.length; start += piece) {
      const length = Math.min(piece, region.length - start)
      yield { region: { offset: region.offset + start, length }, into: into.subarray(start, start + length) }
    }
}

/** The bytes of a typed array. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
