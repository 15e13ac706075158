/** A thread of the margin search: takes tasks, one at a time, until its process ends it. `pool.ts` is the other side. */
import { parentPort, workerData } from "node:worker_threads"
import { Searcher } from "../solve/searchTask.ts"
import type { Answer, Ask, ThreadData } from "./work.ts"

const searcher = new Searcher((workerData as ThreadData).relevance)

const answer = ({ id, task }: Ask): Answer => {
  try {
    return { id, result: searcher.run(task) }
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) }
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.on("message", (ask: Ask) => parentPort?.postMessage(answer(ask)))
