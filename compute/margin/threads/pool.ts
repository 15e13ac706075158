/**
 * Runs the search's tasks, on threads where the compiled program is at hand and there is more than one core, else here, one
 * after another. Results come back in the order of the tasks, so what is made of them does not depend on the threads.
 */
import { existsSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { Worker } from "node:worker_threads"
import type { Relevance } from "../Relevance.ts"
import { Searcher, type SearchResult, type SearchTask } from "../solve/searchTask.ts"
import type { Answer, ThreadData } from "./work.ts"

export interface SearchPool {
  /** How many tasks run at a time. */
  readonly size: number
  readonly run: (tasks: ReadonlyArray<SearchTask>) => Promise<ReadonlyArray<SearchResult | undefined>>
  readonly close: () => Promise<void>
}

/** @param threads default: one a core, at most 16 */
export const openPool = (a: Relevance, threads = Math.min(16, availableParallelism())): SearchPool => {
  const program = join(process.env.ASTERISM_PROGRAM ?? "", "search.mjs")
  return threads > 1 && existsSync(program) ? threaded(a, threads, program) : here(a)
}

const here = (a: Relevance): SearchPool => {
  const searcher = new Searcher(a)
  return {
    size: 1,
    run: async (tasks) => {
      const results: Array<SearchResult | undefined> = []
      for (const task of tasks) {
        // Signals and progress get their turn.
        await setImmediate()
        results.push(searcher.run(task))
      }
      return results
    },
    close: async () => undefined
  }
}

/** What the threads are at: the tasks of one call of `run`. */
interface Batch {
  readonly tasks: ReadonlyArray<SearchTask>
  readonly results: Array<SearchResult | undefined>
  next: number
  done: number
  readonly resolve: (results: ReadonlyArray<SearchResult | undefined>) => void
  readonly reject: (error: Error) => void
}

/** Threads are started when the first tasks come, and keep the process only while they have some. */
const threaded = (a: Relevance, size: number, program: string): SearchPool => {
  const workerData: ThreadData = { relevance: a }
  const threads: Array<Worker> = []
  let batch: Batch | undefined
  const end = (): void => {
    batch = undefined
    for (const worker of threads) worker.unref()
  }
  const fail = (why: string): void => {
    const failed = batch
    end()
    failed?.reject(new RangeError(why))
  }
  const give = (worker: Worker): void => {
    if (batch === undefined || batch.next >= batch.tasks.length) return
    const id = batch.next++
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage({ id, task: batch.tasks[id] })
  }
  const start = (): Worker => {
    const worker = new Worker(program, { workerData, execArgv: [] })
    worker.on("message", (answer: Answer) => {
      if (batch === undefined) return
      if ("failure" in answer) return fail(answer.failure)
      batch.results[answer.id] = answer.result
      batch.done++
      if (batch.done < batch.tasks.length) return give(worker)
      const { resolve, results } = batch
      end()
      resolve(results)
    })
    worker.on("error", (error) => fail(error instanceof Error ? error.message : String(error)))
    worker.on("exit", (code) => fail(`A thread of the search ended with code ${code}.`))
    return worker
  }
  return {
    size,
    run: (tasks) =>
      new Promise((resolve, reject) => {
        if (tasks.length === 0) return resolve([])
        while (threads.length < size) threads.push(start())
        batch = { tasks, results: Array.from({ length: tasks.length }), next: 0, done: 0, resolve, reject }
        for (const worker of threads) {
          worker.ref()
          give(worker)
        }
      }),
    close: async () => {
      await Promise.all(threads.splice(0).map((worker) => worker.terminate()))
    }
  }
}
