/**
 * Takes the leases `lease-0`, `lease-1`, ... of a store one after another, as soon as another program releases each, and
 * prints `name` where it got one first. `race.mjs <store> <count>`; starts at a line on standard input.
 */
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { FileStore } from "../../../../artifacts/store/FileStore.ts"
import { Store } from "../../../../artifacts/Store.ts"

const [root, count] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const store = yield* Store
  console.log("ready")
  fs.readSync(0, new Uint8Array(1))
  for (let i = 0; i < Number(count); i++)
    // Held until the end, so that exactly one process may ever have it.
    if (yield* store.lease(`lease-${i}`)) console.log(`lease-${i}`)
  console.log("done")
  // Until standard input ends.
  while (fs.readSync(0, new Uint8Array(1)) > 0);
})

await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(FileStore.layer(root))))
