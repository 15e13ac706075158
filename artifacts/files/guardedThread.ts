/** The thread in which untrusted files are read, one at a time: the other side of `guarded.ts`. */
import { parentPort, workerData } from "node:worker_threads"
import { packed, packedError, type Request } from "./guardedMessages.ts"
import { guardedReaders, warm, type GuardedFormat } from "./guardedReaders.ts"

const port = parentPort!

port.on("message", ({ format, path, options }: Request) => {
  guardedReaders[format](path, options).then(
    (matrix) => {
      const [reply, moved] = packed(matrix)
      port.postMessage(reply, moved)
    },
    (error: unknown) => port.postMessage(packedError(error))
  )
})

// What cannot be loaded now says so when it is needed.
await warm[(workerData as { readonly format: GuardedFormat }).format]().catch(() => undefined)
port.postMessage("ready")
