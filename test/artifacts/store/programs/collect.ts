/** Collects everything in a store and kills itself ahead of a removal. `collect.mjs <store> <which removal>` */
import fs from "node:fs"
import * as Effect from "effect/Effect"
import { FileStore } from "../../../../artifacts/store/FileStore.ts"
import { Store } from "../../../../artifacts/Store.ts"

const [root, at] = process.argv.slice(2) as [string, string]
const unlink = fs.promises.unlink
let removals = 0
// One at a time, so that the kill comes between two of them.
let last = Promise.resolve()
fs.promises.unlink = (file) => {
  last = last.then(() => {
    removals += 1
    if (removals === Number(at)) process.kill(process.pid, "SIGKILL")
    return unlink(file)
  })
  return last
}

const gc = Effect.flatMap(Store, (store) => store.gc({ keepRuns: 0, dryRun: false }))
await Effect.runPromise(Effect.provide(gc, FileStore.layer(root)))
