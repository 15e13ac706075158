/**
 * The pair sums by the fused float32 kernels on worker threads: scores, losses, weights and both gradients of a tile in one
 * pass, never holding more than four rows of scores.
 *
 * Rows are cut into at most 16 parts, fixed by the shapes; a part's sums do not depend on which thread made them, and they
 * are added in order, so that results are the same for any number of threads. Memory: 5·N·d floats a thread. Cost:
 * 6·N²·d flops and N² exponentials.
 */
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import { InputError, StageFailure } from "../../schemas/errors.ts"
import { contrastiveModule } from "./kernel/module.ts"
import { addSums, type PairSums, type PairState } from "./pairSums.ts"

interface Part {
  /** Of the part's own rows, and of all columns. */
  readonly left: Float32Array
  readonly right: Float32Array
  readonly total: Float64Array
}

/** A thread and the parts it was given and has not answered. */
interface Thread {
  readonly worker: Worker
  readonly asked: Array<{ readonly resolve: (part: Part) => void; readonly reject: (error: Error) => void }>
  /** Why it is no more, once it has ended. */
  ended: StageFailure | undefined
}

const mostParts = 16

/** A thread that ends answers what it was asked, and whatever it is asked later, with why. */
const startThread = (workerData: object): Thread => {
  const worker = new Worker(new URL("./kernel/pairs.mjs", import.meta.url), { workerData })
  const thread: Thread = { worker, asked: [], ended: undefined }
  const end = (why: string): void => {
    thread.ended ??= new StageFailure({
      what: `A kernel thread ended: ${why}.`,
      next: "run the same command again: it goes on from its last checkpoint"
    })
    for (const { reject } of thread.asked.splice(0)) reject(thread.ended)
  }
  worker.on("message", (part: Part) => {
    thread.asked.shift()!.resolve(part)
    if (thread.asked.length === 0) worker.unref()
  })
  worker.on("error", (error) => end(error instanceof Error ? error.message : String(error)))
  worker.on("exit", (code) => end(`it stopped with code ${code}`))
  worker.unref()
  return thread
}

/** Bytes that a thread's kernels address, as `pairs.mjs` lays them out; its first two pages come before. */
const threadBytes = (tiles: number, tile: number, dims: number): number =>
  4 * dims * tile * (2 + 2 * tiles) + 16 * tile + 3 * 65_536

/**
 * @param options `tile`, a multiple of 8: the coordinates and gradients of so many items stay in the second-level cache
 *
 * Throws an InputError where the vectors need more memory than a kernel addresses.
 */
export const kernelPairs = (
  items: number,
  dims: number,
  { threads = availableParallelism(), tile = 512 }: { readonly threads?: number; readonly tile?: number } = {}
): PairSums => {
  const tiles = Math.ceil(items / tile)
  const tilesEach = Math.ceil(tiles / mostParts)
  const parts = Math.ceil(tiles / tilesEach)
  const bytes = threadBytes(tiles, tile, dims)
  if (bytes > 2 ** 32) {
    throw new InputError({
      what: `${items} items of ${dims} dimensions need ${Math.ceil(bytes / 2 ** 20)} MiB a thread, and a kernel addresses 4,096.`,
      expected: "fewer items or dimensions",
      next: "--swap <node>=constellation/train-large-program, which works in tiles"
    })
  }
  const module = contrastiveModule()
  const vectors = new Float32Array(new SharedArrayBuffer(8 * items * dims))
  const pool = Array.from({ length: Math.min(threads, parts) }, () =>
    startThread({ dims, items, module, tile, vectors: vectors.buffer })
  )
  // Work given out for the present step, by part.
  const given = new Map<number, Promise<Part>>()

  const ask = (part: number, { inverseTemperature: t, relativeBias: bias }: PairState): Promise<Part> => {
    const thread = pool[part % pool.length]
    const answer = new Promise<Part>((resolve, reject) => {
      if (thread.ended !== undefined) return reject(thread.ended)
      thread.asked.push({ resolve, reject })
      thread.worker.ref()
      const work = { start: part * tilesEach, end: Math.min(tiles, (part + 1) * tilesEach), t, bias }
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.worker.postMessage(work)
    })
    // Parts are asked for ahead: one that fails is heard of when its turn comes, or never.
    answer.catch(() => undefined)
    return answer
  }

  return {
    parts,
    add: async (part, state) => {
      if (!given.has(part)) {
        given.clear()
        vectors.set(state.vectors)
      }
      // Each thread has one part at a time: the part asked for, and those that follow it.
      for (let ahead = part; ahead < Math.min(parts, part + pool.length); ahead++) {
        if (!given.has(ahead)) given.set(ahead, ask(ahead, state))
      }
      const { left, right, total } = await given.get(part)!
      given.delete(part)
      const first = part * tilesEach * tile * dims
      for (let k = 0; k < left.length; k++) state.gradients[first + k] += left[k]
      for (let k = 0; k < right.length; k++) state.gradients[items * dims + k] += right[k]
      addSums(state, total)
    },
    close: async () => {
      await Promise.all(pool.map(({ worker }) => worker.terminate()))
    }
  }
}
