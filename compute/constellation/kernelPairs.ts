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
import { contrastiveModule } from "./kernel/module.ts"
import { addSums, type PairSums, type PairState } from "./pairSums.ts"

interface Part {
  /** Of the part's own rows, and of all columns. */
  readonly left: Float32Array
  readonly right: Float32Array
  readonly total: Float64Array
}

const mostParts = 16

/** @param options `tile`, a multiple of 8: the coordinates and gradients of so many items stay in the second-level cache */
export const kernelPairs = (
  items: number,
  dims: number,
  { threads = availableParallelism(), tile = 512 }: { readonly threads?: number; readonly tile?: number } = {}
): PairSums => {
  const tiles = Math.ceil(items / tile)
  const tilesEach = Math.ceil(tiles / mostParts)
  const parts = Math.ceil(tiles / tilesEach)
  const module = contrastiveModule()
  const vectors = new Float32Array(new SharedArrayBuffer(8 * items * dims))
  const workers = Array.from({ length: Math.min(threads, parts) }, () => {
    const worker = new Worker(new URL("./kernel/pairs.mjs", import.meta.url), {
      workerData: { dims, items, module, tile, vectors: vectors.buffer }
    })
    worker.setMaxListeners(0)
    worker.unref()
    return worker
  })
  // Work given out for the present step, by part.
  const given = new Map<number, Promise<Part>>()

  const ask = (part: number, { inverseTemperature: t, relativeBias: bias }: PairState): Promise<Part> =>
    new Promise((resolve, reject) => {
      const worker = workers[part % workers.length]
      const answered = (value: Part) => (worker.off("error", reject), worker.unref(), resolve(value))
      worker.ref()
      worker.once("message", answered)
      worker.once("error", reject)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage({ start: part * tilesEach, end: Math.min(tiles, (part + 1) * tilesEach), t, bias })
    })

  return {
    parts,
    add: async (part, state) => {
      if (!given.has(part)) {
        given.clear()
        vectors.set(state.vectors)
      }
      // Each thread has one part at a time: the part asked for, and those that follow it.
      for (let ahead = part; ahead < Math.min(parts, part + workers.length); ahead++) {
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
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  }
}
