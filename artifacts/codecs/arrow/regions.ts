/** Reads buffers of an Arrow file into typed arrays: many at once, so that both cores copy from the page cache. */
import type { FileHandle } from "node:fs/promises"
import type { Region } from "./ArrowFile.ts"

/** One read: a region of the file into a place in memory. Typed arrays of bytes end at 4 GiB, plain memory does not. */
export interface Task {
  readonly region: Region
  readonly into: Place
}

export interface Place {
  readonly memory: ArrayBuffer
  readonly at: number
}

/** Where an array's bytes are. */
export const placeOf = (array: ArrayBufferView): Place => ({
  memory: array.buffer as ArrayBuffer,
  at: array.byteOffset
})

const piece = 4 << 20
const inFlight = 4

/** Fills every task's array. Reads are cut into pieces and run a few at a time on the thread pool. */
export const readAll = async (file: FileHandle, tasks: ReadonlyArray<Task>): Promise<void> => {
  const pieces = split(tasks)
  const worker = async (): Promise<void> => {
    for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
      const { region } = next.value
      const into = new Uint8Array(next.value.into.memory, next.value.into.at, region.length)
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
      const place = { memory: into.memory, at: into.at + start }
      yield { region: { offset: region.offset + start, length }, into: place }
    }
}

/** The bytes of a typed array. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
