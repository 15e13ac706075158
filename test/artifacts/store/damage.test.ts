import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Store } from "../../../artifacts/Store.ts"
import { idOf, inStore, recordOf, Summary, temporaryFolder, Vectors } from "../fixtures.ts"

const matrix = { keys: ["a", "b"], dims: 2, data: Float32Array.of(1, 2, 3, 4) }

/** Two nodes, one of which has two outputs, in a store of their own. */
const study = Effect.gen(function* () {
  const root = yield* temporaryFolder
  const made = yield* inStore(
    root,
    Effect.gen(function* () {
      const store = yield* Store
      const vectors = yield* store.write(Vectors, matrix, null, [])
      const summary = yield* store.write(Summary, { name: "a", score: 1 }, null, [])
      const other = yield* store.write(Summary, { name: "b", score: 2 }, null, [])
      yield* store.writeRecord(recordOf(1, { vectors: vectors.digest, summary: summary.digest }))
      yield* store.writeRecord(recordOf(2, { summary: other.digest }))
      return { vectors, summary, other, path: yield* store.pathOf(vectors.digest) }
    })
  )
  return { root, ...made }
})

const flip = (path: string): void => {
  const bytes = fs.readFileSync(path)
  const at = bytes.byteLength >> 1
  fs.writeFileSync(path, bytes.with(at, bytes[at] ^ 1))
}

/** As decay of the disk does: the bytes change, the file's times do not. */
const flipSilently = (path: string): void => {
  const { atime, mtime } = fs.statSync(path)
  flip(path)
  fs.utimesSync(path, atime, mtime)
}

const expectGone = Effect.fnUntraced(function* (digest: string) {
  const store = yield* Store
  expect(yield* store.present([digest])).toBe(false)
  expect(yield* store.record(idOf(1))).toEqual(Option.none())
  expect(Option.isSome(yield* store.record(idOf(2)))).toBe(true)
  const names = fs.readdirSync(`${store.root}/quarantine`)
  expect(names.filter((name) => name.startsWith(digest))).toHaveLength(2)
  expect(names.filter((name) => name.startsWith(idOf(1)))).toHaveLength(1)
})

describe("damage", () => {
  it.effect("of one bit is found by verify, set aside, and made good by writing again", () =>
    Effect.gen(function* () {
      const { root, path, vectors } = yield* study
      flipSilently(path)
      const seen: Array<readonly [number, number]> = []
      const found = yield* inStore(
        root,
        Effect.flatMap(Store, (store) =>
          store.verify({ onProgress: (done, total) => void seen.push([done, total]) })
        )
      )
      expect(found.objects).toBe(3)
      expect(found.corrupt).toMatchObject([{ digest: vectors.digest, nodes: ["test/node-1"] }])
      expect(seen).toEqual([
        [1, 3],
        [2, 3],
        [3, 3]
      ])
      yield* inStore(root, expectGone(vectors.digest))
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          expect((yield* store.verify()).corrupt).toEqual([])
          const again = yield* store.write(Vectors, matrix, null, [])
          expect(again.digest).toBe(vectors.digest)
          expect(yield* (yield* store.open(Vectors, again.digest)).read).toEqual(matrix)
        })
      )
    }).pipe(Effect.scoped)
  )

  it.effect("C16 - that keeps the size is never served: opening sees it, whatever the times say", () =>
    Effect.gen(function* () {
      const { root, path, vectors } = yield* study
      flipSilently(path)
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          const error = yield* Effect.flip(store.open(Vectors, vectors.digest))
          expect(error).toMatchObject({ _tag: "ArtifactError", reason: "corrupt" })
          yield* expectGone(vectors.digest)
          expect(yield* Effect.flip(store.open(Vectors, vectors.digest))).toMatchObject({ reason: "missing" })
        })
      )
    }).pipe(Effect.scoped)
  )

  it.effect("that changes the size is seen while the store is open", () =>
    Effect.gen(function* () {
      const { root, path, vectors } = yield* study
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          expect(yield* store.present([vectors.digest])).toBe(true)
          fs.truncateSync(path, 100)
          expect(yield* store.present([vectors.digest])).toBe(false)
          expect(yield* Effect.flip(store.open(Vectors, vectors.digest))).toMatchObject({ reason: "corrupt" })
          yield* expectGone(vectors.digest)
        })
      )
    }).pipe(Effect.scoped)
  )

  it.effect("touching a file without changing it costs a hash and nothing else", () =>
    Effect.gen(function* () {
      const { root, path, vectors } = yield* study
      fs.utimesSync(path, new Date(0), new Date(0))
      const read = Effect.flatMap(Store, (store) =>
        Effect.flatMap(store.open(Vectors, vectors.digest), (reader) => reader.read)
      )
      expect(yield* inStore(root, read)).toEqual(matrix)
    }).pipe(Effect.scoped)
  )

  it.effect("of records, manifests and missing files makes their nodes run again", () =>
    Effect.gen(function* () {
      const { root, path, vectors, other } = yield* study
      fs.rmSync(path)
      fs.writeFileSync(`${root}/objects/${other.digest.slice(0, 2)}/${other.digest}.manifest.json`, "{")
      fs.writeFileSync(`${root}/records/${idOf(1).slice(0, 2)}/${idOf(3)}.json`, "not a record")
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          expect(yield* store.record(idOf(3))).toEqual(Option.none())
          const { corrupt } = yield* store.verify()
          expect(corrupt.map(({ digest, nodes }) => [digest, nodes]).toSorted()).toEqual(
            [
              [idOf(3), []],
              [vectors.digest, ["test/node-1"]],
              [other.digest, ["test/node-2"]]
            ].toSorted()
          )
          expect(yield* store.records).toEqual([])
          expect((yield* store.verify()).corrupt).toEqual([])
        })
      )
    }).pipe(Effect.scoped)
  )

  it.effect("is not reported for an artifact of another format", () =>
    Effect.gen(function* () {
      const { root, vectors } = yield* study
      const error = yield* inStore(
        root,
        Effect.flatMap(Store, (store) => Effect.flip(store.open(Summary, vectors.digest)))
      )
      expect(error).toMatchObject({ reason: "mismatch" })
    }).pipe(Effect.scoped)
  )
})
