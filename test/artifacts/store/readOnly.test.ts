import { describe, expect, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Store } from "../../../artifacts/Store.ts"
import { idOf, inStore, recordOf, Summary, temporaryFolder } from "../fixtures.ts"

/** A folder that may only be read, also by root: a read-only mount of itself. */
const mounted = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-mount-"))
const reason = ((): string | undefined => {
  try {
    execFileSync("mount", ["--bind", mounted, mounted], { stdio: "pipe" })
    execFileSync("umount", [mounted], { stdio: "pipe" })
    return undefined
  } catch (error) {
    return `nothing can be mounted here (${(error as Error).message.split("\n")[0]})`
  } finally {
    fs.rmSync(mounted, { recursive: true, force: true })
  }
})()
if (reason !== undefined) console.warn(`skipped: a store that may only be read, since ${reason}`)

const readOnly = (root: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      execFileSync("mount", ["--bind", root, root])
      execFileSync("mount", ["-o", "remount,ro,bind", root])
    }),
    () => Effect.sync(() => execFileSync("umount", [root]))
  )

describe("a store that may only be read", () => {
  it.effect.skipIf(reason !== undefined)(
    "is opened, read and verified; what has to write says so, damage included",
    () =>
      Effect.gen(function* () {
        const root = yield* temporaryFolder
        const [good, bad] = yield* inStore(
          root,
          Effect.gen(function* () {
            const store = yield* Store
            const good = yield* store.write(Summary, { name: "good", score: 1 }, null, [])
            const bad = yield* store.write(Summary, { name: "bad", score: 1 }, null, [])
            yield* store.writeRecord(recordOf(1, { out: good.digest }))
            yield* store.writeRecord(recordOf(2, { out: bad.digest }))
            return [good.digest, bad.digest]
          })
        )
        fs.rmSync(path.join(root, "index"), { recursive: true })
        fs.rmSync(path.join(root, "quarantine"), { recursive: true })
        fs.appendFileSync(path.join(root, "objects", bad!.slice(0, 2), `${bad}.json`), " ")
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* readOnly(root)
            yield* inStore(
              root,
              Effect.gen(function* () {
                const store = yield* Store
                expect(Option.isSome(yield* store.record(idOf(1)))).toBe(true)
                expect(yield* store.present([good!])).toBe(true)
                expect(yield* (yield* store.open(Summary, good!)).read).toEqual({ name: "good", score: 1 })
                expect(yield* Effect.flip(store.open(Summary, bad!))).toMatchObject({ reason: "unwritable" })
                const { corrupt, objects } = yield* store.verify()
                expect(objects).toBe(2)
                expect(corrupt).toMatchObject([{ digest: bad, nodes: ["test/node-2"] }])
                expect(corrupt[0]?.detail).toContain("could not be moved to quarantine")
                const error = yield* Effect.flip(store.write(Summary, { name: "new", score: 1 }, null, []))
                expect(error).toMatchObject({ reason: "unwritable" })
              })
            )
          })
        )
      }).pipe(Effect.scoped)
  )
})
