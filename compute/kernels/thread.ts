/** A kernel thread as its maker sees it: started, waiting for modules, and known to have ended once it has. */
import { MessageChannel, Worker } from "node:worker_threads"
import type { MessagePort } from "node:worker_threads"

export interface Thread {
  /** Takes modules made later to the thread. */
  readonly modules: MessagePort
  /** Why the thread is no more; undefined while it lives. Known only after a turn of the event loop. */
  readonly ended: () => string | undefined
  readonly close: () => Promise<unknown>
}

/** Starts a thread with its `data`; rejects where it ends before it is ready. */
export const startThread = (data: object): Promise<Thread> =>
  new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(new URL("./worker.mjs", import.meta.url), {
      workerData: { ...data, modules: port2 },
      transferList: [port2]
    })
    let ended: string | undefined
    const end = (why: string): void => {
      ended ??= why
      port1.close()
      reject(new Error(`A kernel thread did not start: ${ended}`))
    }
    worker.on("error", (error) => end(error instanceof Error ? error.message : String(error)))
    worker.on("exit", (code) => end(`it ended with code ${code}`))
    worker.once("message", () => {
      // Asleep between calls, and no reason for the process to stay.
      worker.unref()
      port1.unref()
      resolve({
        modules: port1,
        ended: () => ended,
        close: () => {
          port1.close()
          return worker.terminate()
        }
      })
    })
  })
