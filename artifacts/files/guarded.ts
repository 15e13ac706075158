/**
 * Reads files whose bytes go through libraries (Parquet, Arrow) in a thread of its own, within limits that grow with the
 * file: 4 s and a second more for each MB, counted from when the thread has loaded its libraries; 512 MB of memory and 64
 * times the file's size more. A reader that passes one is ended, and the file is refused. This is the second line: readers
 * check lengths and counts against the bytes that are there before a library sees them.
 *
 * Memory is what the process holds beyond what it held before and beyond what the caller's thread took meanwhile, looked
 * at every 20 ms. It is not left to the engine's own limit of a thread's heap, as that ends the whole process where a
 * single array grows past it.
 *
 * Cost: a thread takes 50 to 80 ms to start and load Parquet, on another core; `bin/load.mjs` starts it while the program
 * loads, where the command line names such a file. The numbers come back without a copy.
 */
import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import type { InputError } from "../../schemas/errors.ts"
import { unpacked, type Reply, type Request } from "./guardedMessages.ts"
import { guardedReaders, type GuardedFormat, type GuardedOptions } from "./guardedReaders.ts"
import type { RawMatrix } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

export interface Limits {
  readonly seconds: number
  readonly bytes: number
}

export const limitsFor = (size: number): Limits => ({
  seconds: 4 + Math.floor(size / 1e6),
  bytes: 512e6 + 64 * size
})

/** How often time and memory are looked at, in milliseconds. */
const lookEvery = 20

interface Thread {
  readonly worker: Worker
  readonly ready: Promise<unknown>
}

/** Threads that wait for a file. */
const idle: Array<Thread> = []

/** Where `bin/load.mjs` leaves the thread that it started. */
const early: unique symbol = Symbol.for("asterism.reader")

/**
 * Throws an InputError where the file passes a limit, and what the reader throws. Ends the reading when the signal aborts.
 */
export const readGuarded = async (
  format: GuardedFormat,
  path: string,
  options?: GuardedOptions,
  signal?: AbortSignal,
  limits: Limits = limitsFor(statSync(path).size)
): Promise<RawMatrix> => {
  const thread = await readyThread(format)
  if (thread === undefined) return guardedReaders[format](path, options)
  return unpacked(await reply(thread, { format, path, options }, limits, signal))
}

/** Undefined where none can be had: sources that run without a compiled program, as in tests. */
const readyThread = async (format: GuardedFormat): Promise<Thread | undefined> => {
  const thread = idle.pop() ?? startedEarly() ?? started(format)
  if (thread === undefined) return undefined
  thread.worker.ref()
  try {
    await thread.ready
    return thread
  } catch {
    return undefined
  }
}

const startedEarly = (): Thread | undefined => {
  const place = globalThis as { [early]?: Thread }
  const thread = place[early]
  delete place[early]
  return thread
}

const started = (format: GuardedFormat): Thread | undefined => {
  const file = join(process.env.ASTERISM_PROGRAM ?? "", "reader.mjs")
  if (process.env.ASTERISM_PROGRAM === undefined || !existsSync(file)) return undefined
  // What libraries print is not for the user.
  return asThread(new Worker(file, { workerData: { format }, execArgv: [], stdout: true, stderr: true }))
}

const asThread = (worker: Worker): Thread => {
  const ready = new Promise((resolve, reject) => {
    worker.once("message", resolve)
    worker.once("error", reject)
    worker.once("exit", reject)
  })
  return { worker, ready }
}

const reply = (thread: Thread, request: Request, limits: Limits, signal?: AbortSignal): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const { worker } = thread
    const began = performance.now()
    const before = memory()
    const watch = setInterval(() => {
      if (performance.now() - began > limits.seconds * 1000) end(tooLong(request.path, limits))
      else if (grownBeyond(before, limits.bytes)) end(tooLarge(request.path, limits))
    }, lookEvery)
    const forget = (): void => {
      clearInterval(watch)
      signal?.removeEventListener("abort", abort)
      worker.removeAllListeners()
    }
    const end = (error: unknown): void => {
      forget()
      void worker.terminate().then(() => reject(error))
    }
    const abort = (): void => end(signal?.reason)
    signal?.addEventListener("abort", abort)
    worker.once("message", (message: Reply) => {
      forget()
      worker.unref()
      idle.push(thread)
      resolve(message)
    })
    worker.once("error", (error: { readonly code?: string }) =>
      end(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? tooLarge(request.path, limits) : error)
    )
    worker.once("exit", () => end(new Error("The reader's thread has ended.")))
    worker.postMessage(request)
  })

interface Memory {
  readonly process: number
  readonly caller: number
}

const memory = (): Memory => {
  const { rss, heapTotal, external } = process.memoryUsage()
  return { process: rss, caller: heapTotal + external }
}

const grownBeyond = (before: Memory, most: number): boolean => {
  if (process.memoryUsage.rss() - before.process <= most) return false
  const now = memory()
  return now.process - before.process - Math.max(0, now.caller - before.caller) > most
}

const tooLong = (path: string, { seconds }: Limits): InputError =>
  fileError(
    path,
    `Reading took longer than ${seconds} s, which is the limit for a file of ${amount(statSync(path).size)}: it is damaged, or asks for more than it holds.`,
    "a file written whole by a common tool",
    "write it again, or as npy, which has no such limit"
  )

const tooLarge = (path: string, { bytes }: Limits): InputError =>
  fileError(
    path,
    `Reading took more than ${amount(bytes)} of memory, which is the limit for a file of ${amount(statSync(path).size)}: it is damaged, or asks for more than it holds.`,
    "a file written whole by a common tool",
    "write it again, or as npy, which has no such limit"
  )

const amount = (bytes: number): string =>
  bytes < 1000
    ? `${bytes} bytes`
    : bytes < 1e6
      ? `${(bytes / 1e3).toFixed(1)} kB`
      : `${Math.round(bytes / 1e6)} MB`
