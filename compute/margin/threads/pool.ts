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

/** Threads are started when the first tasks come, and do not keep the process. */
const threaded = (a: Relevance, size: number, program: string): SearchPool => {
  const workerData: ThreadData = { relevance: a }
  const threads: Array<Worker> = []
  return {
    size,
    run: (tasks) =>
      new Promise((resolve, reject) => {
        const results: Array<SearchResult | undefined> = Array.from({ length: tasks.length })
        let next = 0
        let done = 0
        if (tasks.length === 0) return resolve(results)
        while (threads.length < size) {
          const worker = new Worker(program, { workerData, execArgv: [] })
          worker.unref()
          threads.push(worker)
        }
        const stop = (error: Error): void => {
          for (const worker of threads) worker.removeAllListeners().unref()
          reject(error)
        }
        const give = (worker: Worker): void => {
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
          if (next < tasks.length) worker.postMessage({ id: next, task: tasks[next++] })
        }
        for (const worker of threads) {
          worker.ref()
          worker.on("message", (answer: Answer) => {
            if ("failure" in answer) return stop(new RangeError(answer.failure))
            results[answer.id] = answer.result
            done++
            give(worker)
            if (done < tasks.length) return
            for (const each of threads) each.removeAllListeners().unref()
            resolve(results)
          })
          worker.on("error", (error) => stop(error instanceof Error ? error : new Error(String(error))))
          worker.on("exit", (code) => stop(new Error(`A thread of the search ended with code ${code}.`)))
          give(worker)
        }
      }),
    close: async () => {
      await Promise.all(threads.splice(0).map((worker) => worker.terminate()))
    }
  }
}
