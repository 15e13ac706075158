import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Store } from "../../../artifacts/Store.ts"
import { inStore, temporaryFolder } from "../fixtures.ts"
import { bundled, outputOf, said } from "./programs.ts"

let write: Awaited<ReturnType<typeof bundled>>

beforeAll(async () => {
  write = await bundled("write")
})
afterAll(() => write.discard())

describe("a killed writer", () => {
  it("leaves every record it named with all its outputs, and nothing half visible", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const root = yield* temporaryFolder
        const named: Array<string> = []
        for (const wait of [3, 17, 40, 95]) {
          const output = yield* Effect.promise(async () => {
            const writer = write.start(root)
            const text = outputOf(writer)
            await said(writer, "\n")
            await new Promise((resolve) => setTimeout(resolve, wait))
            writer.kill("SIGKILL")
            return text
          })
          named.push(...output.split("\n").slice(0, -1))
        }
        expect(named.length).toBeGreaterThanOrEqual(4)
        yield* inStore(
          root,
          Effect.gen(function* () {
            const store = yield* Store
            for (const fingerprint of named) {
              const record = Option.getOrThrow(yield* store.record(fingerprint))
              expect(yield* store.present(Object.values(record.outputs))).toBe(true)
            }
            // Objects without a record may be there; every one is whole.
            expect((yield* store.verify()).corrupt).toEqual([])
          })
        )
        expect(fs.readdirSync(`${root}/tmp`)).toEqual([])
      }).pipe(Effect.scoped)
    ))
})
