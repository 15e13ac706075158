/** The thread in which untrusted files are read, one at a time: the other side of `guarded.ts`. */
import { parentPort, workerData } from "node:worker_threads"
import { packed, packedError, type Reply, type Request } from "./guardedMessages.ts"
import { loadReader, type GuardedFormat } from "./guardedReaders.ts"

const port = parentPort!

const send = (message: Reply | "ready", moved: ReadonlyArray<ArrayBuffer> = []): void =>
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  port.postMessage(message, moved)

port.on("message", ({ format, path, options }: Request) => {
  loadReader[format]()
    .then((read) => read(path, options))
    .then(
      (matrix) => send(...packed(matrix)),
      (error: unknown) => send(packedError(error))
    )
})

// What cannot be loaded now says so when it is needed.
await loadReader[(workerData as { readonly format: GuardedFormat }).format]().catch(() => undefined)
send("ready")
