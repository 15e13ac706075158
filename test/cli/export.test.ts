import { describe, expect, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { Store } from "../../artifacts/Store.ts"
import { exportArtifact } from "../../cli/export.ts"
import { inStore, temporaryFolder, Vectors } from "../artifacts/fixtures.ts"

const matrix = { keys: ["a", "b"], dims: 2, data: Float32Array.of(1, 2, 3, 4) }

const stored = Effect.gen(function* () {
  const root = yield* temporaryFolder
  const store = path.join(root, "store")
  const digest = yield* inStore(
    store,
    Effect.flatMap(Store, (store) =>
      Effect.map(store.write(Vectors, matrix, null, []), (manifest) => manifest.digest)
    )
  )
  const object = path.join(store, "objects", digest.slice(0, 2), `${digest}.arrow`)
  const exported = (name: string) => inStore(store, exportArtifact(digest, path.join(root, name)))
  /** What is beside the store. */
  const files = () => fs.readdirSync(root).filter((name) => name !== "store")
  return { root, digest, object, exported, files }
})

describe("C21 - export", () => {
  it.effect("writes every format whole, under its name and no other", () =>
    Effect.gen(function* () {
      const { root, digest, exported, files } = yield* stored
      fs.writeFileSync(path.join(root, "x.csv"), "old")
      fs.symlinkSync("x.csv", path.join(root, "link.csv"))
      for (const name of ["x.arrow", "link.csv", "x.npy", "x.npz", "x.parquet"]) yield* exported(name)
      expect(files().toSorted()).toEqual(
        ["x.arrow", "x.csv", "link.csv", "x.npy", "x.npy.keys.txt", "x.npz", "x.parquet"].toSorted()
      )
      expect(fs.readFileSync(path.join(root, "x.csv"), "utf8").trim().split("\n")).toEqual([
        "key,d0,d1",
        "a,1,2",
        "b,3,4"
      ])
      expect(fs.lstatSync(path.join(root, "link.csv")).isSymbolicLink()).toBe(true)
      expect(fs.readFileSync(path.join(root, "x.npy.keys.txt"), "utf8")).toBe("a\nb\n")
      const bytes = fs.readFileSync(path.join(root, "x.arrow"))
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(digest)
    }).pipe(Effect.scoped)
  )

  it.effect("of a damaged artifact leaves no file, and the one that was there as it was", () =>
    Effect.gen(function* () {
      for (const name of ["x.arrow", "x.csv", "x.npy", "x.npz", "x.parquet"]) {
        const { root, object, exported, files } = yield* stored
        const { atime, mtime } = fs.statSync(object)
        const bytes = fs.readFileSync(object)
        fs.writeFileSync(object, bytes.with(700, bytes[700]! ^ 1))
        fs.utimesSync(object, atime, mtime)
        fs.writeFileSync(path.join(root, name), "old")
        expect(yield* Effect.flip(exported(name))).toMatchObject({ _tag: "ArtifactError", reason: "corrupt" })
        expect(files()).toEqual([name])
        expect(fs.readFileSync(path.join(root, name), "utf8")).toBe("old")
      }
    }).pipe(Effect.scoped)
  )

  it.effect("to where nothing can be written is the user's message and leaves nothing", () =>
    Effect.gen(function* () {
      const { root, exported, files } = yield* stored
      fs.mkdirSync(path.join(root, "folder.csv"))
      for (const name of ["absent/x.arrow", "absent/x.csv", "folder.csv"]) {
        const error = yield* Effect.flip(exported(name))
        expect(error).toMatchObject({ _tag: "InputError", where: path.join(root, name) })
        expect(error.message).toContain("The file cannot be written")
      }
      expect(files()).toEqual(["folder.csv"])
    }).pipe(Effect.scoped)
  )
})
