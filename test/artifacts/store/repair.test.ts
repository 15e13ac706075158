import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Store } from "../../../artifacts/Store.ts"
import { makeCheckpoint } from "../../../engine/run/checkpoints.ts"
import { Stop } from "../../../engine/run/Stop.ts"
import { idOf, inStore, recordOf, Summary, temporaryFolder, Vectors } from "../fixtures.ts"

const matrix = { keys: ["a", "b"], dims: 2, data: Float32Array.of(1, 2, 3, 4) }

/** `vectors` made by record 1; records 2, then 3, made from it; record 4 from nothing. */
const study = Effect.gen(function* () {
  const root = yield* temporaryFolder
  const made = yield* inStore(
    root,
    Effect.gen(function* () {
      const store = yield* Store
      const producer = { pipeline: "test", node: "node-1", output: "out", stage: "s", fingerprint: idOf(1) }
      const vectors = yield* store.write(Vectors, matrix, producer, [])
      const second = yield* store.write(Summary, { name: "b", score: 2 }, producer, [])
      const third = yield* store.write(Summary, { name: "c", score: 3 }, producer, [])
      const other = yield* store.write(Summary, { name: "d", score: 4 }, null, [])
      yield* store.writeRecord(recordOf(1, { out: vectors.digest }))
      yield* store.writeRecord(recordOf(2, { out: second.digest }, { inputs: { in: vectors.digest } }))
      yield* store.writeRecord(recordOf(3, { out: third.digest }, { inputs: { in: second.digest } }))
      yield* store.writeRecord(recordOf(4, { out: other.digest }))
      return { vectors, second, third, other }
    })
  )
  const folder = (digest: string) => path.join(root, "objects", digest.slice(0, 2))
  return {
    root,
    ...made,
    object: path.join(folder(made.vectors.digest), `${made.vectors.digest}.arrow`),
    manifest: path.join(folder(made.vectors.digest), `${made.vectors.digest}.manifest.json`)
  }
})

const flipSilently = (file: string, at?: number): void => {
  const { atime, mtime } = fs.statSync(file)
  const bytes = fs.readFileSync(file)
  const place = at ?? bytes.byteLength >> 1
  fs.writeFileSync(file, bytes.with(place, bytes[place]! ^ 1))
  fs.utimesSync(file, atime, mtime)
}

const fingerprints = Effect.flatMap(Store, (store) =>
  Effect.map(store.records, (records) => records.map(({ fingerprint }) => fingerprint))
)

describe("C33 - records made from a damaged artifact", () => {
  it.effect("are named by verify, also later, and forgotten with forget", () =>
    Effect.gen(function* () {
      const { root, object, vectors } = yield* study
      flipSilently(object)
      const suspects = [
        { fingerprint: idOf(2), node: "test/node-2", from: vectors.digest },
        { fingerprint: idOf(3), node: "test/node-3", from: vectors.digest }
      ]
      const verify = (forget: boolean) =>
        inStore(
          root,
          Effect.flatMap(Store, (store) => store.verify({ forget }))
        )
      const first = yield* verify(false)
      expect(first.corrupt).toMatchObject([{ digest: vectors.digest, nodes: ["test/node-1"] }])
      expect(first).toMatchObject({ suspects, forgotten: 0 })
      expect(yield* inStore(root, fingerprints)).toEqual([2, 3, 4].map(idOf))
      // The run mends the artifact; what was made from it is still told.
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          yield* store.write(Vectors, matrix, null, [])
          yield* store.writeRecord(recordOf(1, { out: vectors.digest }))
        })
      )
      expect(yield* verify(false)).toMatchObject({ corrupt: [], suspects, forgotten: 0 })
      expect(yield* verify(true)).toMatchObject({ corrupt: [], suspects, forgotten: 2 })
      expect(yield* inStore(root, fingerprints)).toEqual([1, 4].map(idOf))
      expect(yield* verify(true)).toMatchObject({ corrupt: [], suspects: [], forgotten: 0 })
      // One that is made again later is right.
      const started = new Date(Date.now() + 1000).toISOString()
      yield* inStore(
        root,
        Effect.flatMap(Store, (store) =>
          store.writeRecord(recordOf(2, {}, { inputs: { in: vectors.digest }, started }))
        )
      )
      expect(yield* verify(false)).toMatchObject({ suspects: [] })
    }).pipe(Effect.scoped)
  )
})

describe("C24 - what cannot be read", () => {
  it.effect("of an object is set aside, named, and made again", () =>
    Effect.gen(function* () {
      for (const spoil of [
        (file: string) => fs.symlinkSync(path.basename(file), file),
        (file: string) => fs.mkdirSync(path.join(file, "x"), { recursive: true })
      ])
        for (const which of ["object", "manifest"] as const) {
          const made = yield* study
          const file = made[which]
          const { digest } = made.vectors
          fs.rmSync(file)
          spoil(file)
          const twice = path.join(
            path.dirname(path.dirname(file)),
            made.third.digest.slice(0, 2),
            `${made.third.digest}.json`
          )
          flipSilently(twice)
          yield* inStore(
            made.root,
            Effect.gen(function* () {
              const store = yield* Store
              const error = yield* Effect.flip(store.open(Vectors, digest))
              expect(error.reason).toBe("corrupt")
              expect(error.next).toContain("run the pipeline again")
              expect(yield* store.present([digest])).toBe(false)
              const { corrupt } = yield* store.verify()
              expect(corrupt.map((one) => one.digest)).toContain(made.third.digest)
              yield* store.write(Vectors, matrix, null, [])
              expect(yield* (yield* store.open(Vectors, digest)).read).toEqual(matrix)
            })
          )
        }
    }).pipe(Effect.scoped)
  )

  it.effect("of a record is as if there were none, and is written anew", () =>
    Effect.gen(function* () {
      const { root, vectors } = yield* study
      const file = path.join(root, "records", idOf(1).slice(0, 2), `${idOf(1)}.json`)
      const record = recordOf(1, { out: vectors.digest })
      for (const spoil of [
        () => fs.mkdirSync(file),
        () => fs.symlinkSync(path.basename(file), file),
        () => fs.writeFileSync(file, "")
      ]) {
        fs.rmSync(file, { recursive: true, force: true })
        spoil()
        yield* inStore(
          root,
          Effect.gen(function* () {
            const store = yield* Store
            expect(yield* store.record(idOf(1))).toEqual(Option.none())
            expect(Option.isSome(yield* store.latest("test", "node-2"))).toBe(true)
            yield* store.writeRecord(record)
            expect(yield* store.record(idOf(1))).toEqual(Option.some(record))
          })
        )
        expect(fs.lstatSync(file).isFile()).toBe(true)
      }
    }).pipe(Effect.scoped)
  )

  it.effect(
    "of a manifest that says another thing than its file, sum or none, never makes a wrong value",
    () =>
      Effect.gen(function* () {
        for (const change of [
          { extension: "bin" },
          { extension: "../x" },
          { format: "table" },
          { rows: 3 },
          { dims: 1 },
          { bytes: 7 },
          { digest: idOf(9) }
        ])
          for (const summed of [true, false]) {
            const { root, manifest, vectors } = yield* study
            const { sum, ...fields } = JSON.parse(fs.readFileSync(manifest, "utf8")) as { sum?: string }
            expect(sum).toMatch(/^[0-9a-f]{16}-[0-9a-f]{32}$/)
            fs.writeFileSync(manifest, JSON.stringify({ ...fields, ...change, ...(summed ? { sum } : {}) }))
            yield* inStore(
              root,
              Effect.gen(function* () {
                const store = yield* Store
                const error = yield* Effect.flip(store.open(Vectors, vectors.digest))
                expect(["corrupt", "missing", "mismatch"]).toContain(error.reason)
                yield* store.write(Vectors, matrix, null, [])
                if (error.reason !== "mismatch")
                  expect(yield* (yield* store.open(Vectors, vectors.digest)).read).toEqual(matrix)
              })
            )
          }
      }).pipe(Effect.scoped)
  )

  it.effect("of an imported artifact is told as such: no pipeline makes it", () =>
    Effect.gen(function* () {
      const { root, other } = yield* study
      const file = path.join(root, "objects", other.digest.slice(0, 2), `${other.digest}.json`)
      flipSilently(file, 3)
      const error = yield* inStore(
        root,
        Effect.flatMap(Store, (store) => Effect.flip(store.open(Summary, other.digest)))
      )
      expect(error).toMatchObject({ reason: "corrupt" })
      expect(error.next).toContain("import the file again")
    }).pipe(Effect.scoped)
  )
})

describe("C16 - a reader", () => {
  it.effect("looks again before and after each read: what changes after it was opened is not served", () =>
    Effect.gen(function* () {
      const { root, object, vectors } = yield* study
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          const reader = yield* store.open(Vectors, vectors.digest)
          expect(yield* reader.read).toEqual(matrix)
          flipSilently(object)
          expect(yield* Effect.flip(reader.read)).toMatchObject({ reason: "corrupt" })
          expect(yield* store.present([vectors.digest])).toBe(false)
        })
      )
    }).pipe(Effect.scoped)
  )

  it.effect("does not trust what an earlier process found: the bytes are hashed by each", () =>
    Effect.gen(function* () {
      const { root, object, vectors } = yield* study
      const open = Effect.flatMap(Store, (store) => store.open(Vectors, vectors.digest))
      yield* inStore(root, open)
      flipSilently(object)
      expect(yield* Effect.flip(inStore(root, open))).toMatchObject({ reason: "corrupt" })
    }).pipe(Effect.scoped)
  )

  it.effect("copies only what has the artifact's bytes, and leaves no file else", () =>
    Effect.gen(function* () {
      const { root, object, vectors } = yield* study
      const to = path.join(root, "copy.arrow")
      const copy = (target: string) =>
        inStore(
          root,
          Effect.flatMap(Store, (store) => store.copy(vectors.digest, target, (error) => ({ told: error })))
        )
      expect((yield* copy(to)).digest).toBe(vectors.digest)
      expect(fs.readFileSync(to)).toEqual(fs.readFileSync(object))
      fs.rmSync(to)
      expect(yield* Effect.flip(copy(path.join(root, "absent", "x.arrow")))).toMatchObject({
        told: { code: "ENOENT" }
      })
      flipSilently(object)
      expect(yield* Effect.flip(copy(to))).toMatchObject({ reason: "corrupt" })
      expect(fs.existsSync(to)).toBe(false)
    }).pipe(Effect.scoped)
  )
})

describe("C24 - checkpoints", () => {
  const state = (n: number) => ({
    tensors: { x: { shape: [1], data: Float64Array.of(n) } },
    metadata: {}
  })
  const checkpoint = (root: string) =>
    makeCheckpoint({
      storeRoot: root,
      fingerprint: idOf(1),
      seconds: 0,
      stop: new Stop(),
      onUse: () => undefined,
      onStopped: () => undefined
    })

  it.effect("that cannot be read are passed over: the older one, or the start", () =>
    Effect.gen(function* () {
      const spoilers: ReadonlyArray<(file: string) => void> = [
        (file) => fs.mkdirSync(path.join(file, "x"), { recursive: true }),
        (file) => fs.symlinkSync(path.basename(file), file),
        (file) => fs.symlinkSync("nowhere", file),
        (file) => fs.writeFileSync(file, ""),
        (file) => fs.writeFileSync(file, Buffer.alloc(100, 255))
      ]
      for (const spoil of spoilers) {
        const root = yield* temporaryFolder
        for (const n of [1, 2]) yield* checkpoint(root).offer(() => state(n))
        const folder = path.join(root, "checkpoints", idOf(1))
        const [older, newer] = fs.readdirSync(folder).sort()
        for (const [name, left] of [
          [newer!, Option.some(state(1))],
          [older!, Option.none()]
        ] as const) {
          fs.rmSync(path.join(folder, name))
          spoil(path.join(folder, name))
          expect(yield* checkpoint(root).load).toEqual(left)
        }
        for (const n of [3, 4, 5]) yield* checkpoint(root).offer(() => state(n))
        expect(yield* checkpoint(root).load).toEqual(Option.some(state(5)))
        fs.rmSync(folder, { recursive: true })
        fs.writeFileSync(folder, "x")
        expect(yield* checkpoint(root).load).toEqual(Option.none())
        yield* checkpoint(root).offer(() => state(6))
        expect(yield* checkpoint(root).load).toEqual(Option.some(state(6)))
      }
    }).pipe(Effect.scoped)
  )
})
