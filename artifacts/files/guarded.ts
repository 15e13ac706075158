/**
 * Reads files of formats that can ask for far more than they hold (Parquet, Arrow) in a thread of its own, within limits
 * that grow with the file: 4 s and a second more for each MB, counted from when the thread has loaded; 512 MB of memory and 64
 * times the file's size more. A reader that passes one is ended, and the file is refused. This is the second line: readers
 * check lengths and counts against the bytes that are there before they loop or allocate.
 *
 * Memory is what the process holds beyond what it held before and beyond what the caller's thread took meanwhile, looked
 * at every 20 ms. It is not left to the engine's own limit of a thread's heap, as that ends the whole process where a
 * single array grows past it.
 *
 * Cost: a thread takes 50 to 80 ms to start and load a reader, on another core; `bin/load.mjs` starts it while the program
 * loads, where the command line names such a file. The numbers come back without a copy.
 */
import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import type { InputError } from "../../schemas/errors.ts"
import { unpacked, type Reply, type Request } from "./guardedMessages.ts"
import { loadReader, type GuardedFormat } from "./guardedReaders.ts"
import type { RawMatrix, ReadOptions } from "./UserMatrix.ts"
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

/** A thread that waits for a file, by its program. */
const idle = new Map<string, Thread>()

/** Where `bin/load.mjs` leaves the thread that it started. */
const early: unique symbol = Symbol.for("asterism.reader")

/**
 * Throws an InputError where the file passes a limit, and what the reader throws. Ends the reading when the signal aborts.
 */
export const readGuarded = async (
  format: GuardedFormat,
  path: string,
  options: ReadOptions = {},
  signal?: AbortSignal,
  limits: Limits = limitsFor(statSync(path).size)
): Promise<RawMatrix> => {
  const program = join(process.env.ASTERISM_PROGRAM ?? "", "reader.mjs")
  const thread = await readyThread(format, program)
  if (thread === undefined) return (await loadReader[format]())(path, options)
  const message = await reply(thread, { format, path, options }, limits, signal)
  // The next file's, one at a time.
  if (idle.has(program)) void thread.worker.terminate()
  else idle.set(program, thread)
  return unpacked(message)
}

/** Undefined where none can be had: sources that run without a compiled program, as in tests. */
const readyThread = async (format: GuardedFormat, program: string): Promise<Thread | undefined> => {
  if (!existsSync(program)) return undefined
  const waiting = idle.get(program) ?? startedEarly()
  idle.delete(program)
  // What libraries print is not for the user.
  const options = { workerData: { format }, execArgv: [], stdout: true, stderr: true }
  const thread = waiting ?? asThread(new Worker(program, options))
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

const asThread = (worker: Worker): Thread => {
  const ready = new Promise((resolve, reject) => {
    worker.once("message", resolve)
    // Also later, when nobody waits for it: a thread that dies then is found by its next request.
    worker.on("error", reject)
    worker.on("exit", reject)
  })
  ready.catch(() => undefined)
  return { worker, ready }
}

const reply = ({ worker }: Thread, request: Request, limits: Limits, signal?: AbortSignal): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    const before = memory()
    const look = (): void => {
      if (performance.now() - began > limits.seconds * 1000) end(tooLong(request.path, limits))
      else if (grownBeyond(before, limits.bytes)) end(tooLarge(request.path, limits))
    }
    const watch = setInterval(look, lookEvery)
    const settle = (): void => {
      clearInterval(watch)
      signal?.removeEventListener("abort", abort)
      worker.off("message", done).off("error", failed).off("exit", ended)
      worker.unref()
    }
    const end = (error: unknown): void => {
      settle()
      void worker.terminate().then(() => reject(error))
    }
    const done = (message: Reply): void => {
      settle()
      resolve(message)
    }
    const failed = (error: { readonly code?: string }): void =>
      end(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? tooLarge(request.path, limits) : error)
    const ended = (): void => end(new Error("The reader's thread has ended."))
    const abort = (): void => end(signal?.reason)
    signal?.addEventListener("abort", abort)
    worker.on("message", done).on("error", failed).on("exit", ended)
    if (signal?.aborted === true) return abort()
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
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
