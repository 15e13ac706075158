/** Writes objects and records for ever, and names each record once it is durable. `write.mjs <store>` */
import * as Effect from "effect/Effect"
import { FileStore } from "../../../../artifacts/store/FileStore.ts"
import { Store } from "../../../../artifacts/Store.ts"
import { recordOf, Summary, Vectors } from "../../fixtures.ts"

const program = Effect.gen(function* () {
  const store = yield* Store
  for (let n = 0; ; n++) {
    const data = Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i * (n + 1)))
    const keys = Array.from({ length: 200 }, (_, i) => `key ${i}`)
    const matrix = yield* store.write(Vectors, { keys, dims: 100, data }, null, [])
    const summary = yield* store.write(Summary, { name: `number ${n}`, score: n }, null, [matrix.digest])
    const record = recordOf(n, { matrix: matrix.digest, summary: summary.digest })
    yield* store.writeRecord(record)
    console.log(record.fingerprint)
  }
})

await Effect.runPromise(program.pipe(Effect.provide(FileStore.layer(process.argv[2]))))
