import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { InputError } from "../../../schemas/errors.ts"
import { readFile, readFiles, streamFile } from "../../../stages/data/tarball.ts"
import { makeTarball } from "../../support/makeTarball.ts"

const saved = (bytes: Uint8Array) =>
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "asterism-tarball-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ).pipe(
    Effect.map((folder) => {
      const path = join(folder, "p.tgz")
      writeFileSync(path, bytes)
      return { path, bytes: Effect.succeed(bytes), text: Effect.succeed("") }
    })
  )

const long = "0123456789".repeat(100_000)

describe("tarball", () => {
  it.effect("reads chosen files, sorted by path, without their package folder", () =>
    Effect.gen(function* () {
      const bytes = yield* Effect.promise(() =>
        makeTarball({ "b.txt": "bee", "a/c.txt": "sea", "x.json": "{}" })
      )
      const tarball = yield* saved(bytes)
      const files = yield* readFiles(tarball, (path) => path.endsWith(".txt"), "*.txt")
      expect(files.map((file) => [file.path, new TextDecoder().decode(file.bytes)])).toEqual([
        ["a/c.txt", "sea"],
        ["b.txt", "bee"]
      ])
      expect(new TextDecoder().decode(yield* readFile(tarball, "x.json"))).toBe("{}")
    })
  )

  it.effect("streams a file in chunks", () =>
    Effect.gen(function* () {
      const tarball = yield* saved(
        yield* Effect.promise(() => makeTarball({ "short.txt": "s", "long.txt": long }))
      )
      const decoder = new TextDecoder()
      let text = ""
      let chunks = 0
      yield* streamFile(tarball, "long.txt", (chunk) => {
        text += decoder.decode(chunk, { stream: true })
        chunks++
      })
      expect(text).toBe(long)
      expect(chunks).toBeGreaterThan(1)
    })
  )

  it.effect("names what is missing, and refuses what is no tarball or is cut short", () =>
    Effect.gen(function* () {
      const bytes = yield* Effect.promise(() => makeTarball({ "a.txt": "a", "long.txt": long }))
      const good = yield* saved(bytes)
      const missing = yield* Effect.flip(readFile(good, "nothing.txt"))
      expect(missing.message).toContain("no file nothing.txt")
      for (const bad of [bytes.subarray(0, bytes.length / 2), Buffer.from("not a tarball at all")]) {
        const error = yield* Effect.flip(readFile(yield* saved(bad), "long.txt"))
        expect(error).toBeInstanceOf(InputError)
      }
      const thrown = yield* Effect.flip(
        streamFile(good, "a.txt", () => {
          throw new Error("the reader gave up")
        })
      )
      expect(thrown.message).toContain("the reader gave up")
    })
  )
})
