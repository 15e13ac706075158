/** Takes a lease and holds it until it is killed or told to end. `hold.mjs <store> <name>` */
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { FileStore } from "../../../../artifacts/store/FileStore.ts"
import { Store } from "../../../../artifacts/Store.ts"

const [root, name] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const store = yield* Store
  console.log((yield* store.lease(name)) ? "held" : "refused")
  while (fs.readSync(0, new Uint8Array(1)) > 0);
})

await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(FileStore.layer(root))))
