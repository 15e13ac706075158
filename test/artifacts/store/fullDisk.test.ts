import { afterAll, describe, expect, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Store } from "../../../artifacts/Store.ts"
import { idOf, inStore, recordOf, Summary, Vectors } from "../fixtures.ts"

/** A disk of 2 MiB, where this process may mount one. */
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-full-"))
const reason = ((): string | undefined => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], { stdio: "pipe" })
    return undefined
  } catch (error) {
    return `a small tmpfs cannot be mounted here (${(error as Error).message.split("\n")[0]})`
  }
})()
if (reason !== undefined) console.warn(`skipped: a full disk, since ${reason}`)

afterAll(() => {
  if (reason === undefined) execFileSync("umount", [folder])
  fs.rmSync(folder, { recursive: true, force: true })
})

const large = {
  keys: Array.from({ length: 1000 }, (_, i) => `key ${i}`),
  dims: 1000,
  data: new Float32Array(1_000_000)
}

describe("a full disk", () => {
  it.effect.skipIf(reason !== undefined)("is named, with what to do, and leaves the store as it was", () =>
    Effect.gen(function* () {
      const use = Effect.gen(function* () {
        const store = yield* Store
        const small = yield* store.write(Summary, { name: "small", score: 1 }, null, [])
        yield* store.writeRecord(recordOf(1, { out: small.digest }))

        const error = yield* Effect.flip(store.write(Vectors, large, null, []))
        expect(error).toMatchObject({ _tag: "ArtifactError", reason: "full-disk" })
        expect(error.message).toContain("asterism gc")
        expect(fs.readdirSync(`${folder}/tmp`)).toEqual([])

        // To the last byte, so that not even a record fits.
        const filler = fs.openSync(path.join(folder, "filler"), "w")
        expect(() => {
          for (;;) fs.writeSync(filler, new Uint8Array(4096))
        }).toThrow("ENOSPC")
        fs.closeSync(filler)
        expect(yield* Effect.flip(store.writeRecord(recordOf(2, { out: small.digest })))).toMatchObject({
          reason: "full-disk"
        })
        expect(yield* Effect.flip(Effect.scoped(store.lease("n")))).toMatchObject({ reason: "full-disk" })
        fs.rmSync(path.join(folder, "filler"))

        expect(yield* store.record(idOf(2))).toEqual(Option.none())
        expect((yield* store.verify()).corrupt).toEqual([])
        expect(yield* store.present([small.digest])).toBe(true)
        yield* store.writeRecord(recordOf(2, { out: small.digest }))
      })
      yield* inStore(folder, use)
      yield* inStore(
        folder,
        Effect.gen(function* () {
          const store = yield* Store
          for (const n of [1, 2]) expect(Option.isSome(yield* store.record(idOf(n)))).toBe(true)
        })
      )
    })
  )
})
