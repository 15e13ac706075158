import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { Store } from "../../../artifacts/Store.ts"
import { makeCheckpoint } from "../../../engine/run/checkpoints.ts"
import { countsOf } from "../../../engine/run/run.ts"
import type { RunFile } from "../../../engine/run/RunFile.ts"
import { createRunFolder } from "../../../engine/run/RunFolder.ts"
import { loadRun } from "../../../engine/run/runs.ts"
import { Stop } from "../../../engine/run/Stop.ts"
import * as fixtures from "../fixtures.ts"
import { idOf, inStore, recordOf, temporaryFolder } from "../fixtures.ts"

/** The full count is for `ASTERISM_FLIPS=600`. */
const flips = Number(process.env.ASTERISM_FLIPS ?? 42)

/** One artifact of each format, how it is written and how it is read. */
const cases = [
  {
    kind: fixtures.Vectors,
    value: { keys: ["a", "β"], dims: 2, data: Float32Array.of(1, 2, 3, 4) }
  },
  {
    kind: fixtures.Codes,
    value: {
      keys: ["a", "b"],
      dims: 9,
      indptr: Float64Array.of(0, 2, 3),
      indices: Uint32Array.of(1, 8, 0),
      values: Float32Array.of(0.5, -1, 2)
    }
  },
  {
    kind: fixtures.Scores,
    value: [{ name: "x", note: null, value: 0.1, low: null, count: -7, kept: true }]
  },
  {
    kind: fixtures.Weights,
    value: { tensors: { w: { shape: [2, 1], data: Float64Array.of(Math.PI, -0) } }, metadata: { step: "12" } }
  },
  { kind: fixtures.Summary, value: { name: "é", score: 4 } },
  { kind: fixtures.Page, value: { text: "<p>a page</p>" } }
] as const

type Case = (typeof cases)[number]

const write = Effect.fnUntraced(function* (one: Case) {
  const store = yield* Store
  return (yield* store.write(one.kind as never, one.value as never, null, [])).digest
})

const read = Effect.fnUntraced(function* (one: Case, digest: string) {
  const store = yield* Store
  const reader = (yield* store.open(one.kind as never, digest)) as unknown as {
    readonly read: Effect.Effect<unknown>
    readonly text: Effect.Effect<string>
  }
  if (one.kind === fixtures.Page) return { text: yield* reader.text }
  const value = yield* reader.read
  return one.kind === fixtures.Scores ? (value as { rows: unknown }).rows : value
})

const state = (n: number) => ({
  tensors: { x: { shape: [3], data: Float64Array.of(n, 2, 3) } },
  metadata: { n: String(n) }
})

const checkpoint = (root: string) =>
  makeCheckpoint({
    storeRoot: root,
    fingerprint: idOf(50),
    seconds: 0,
    stop: new Stop(),
    onUse: () => undefined,
    onStopped: () => undefined
  })

const filesIn = (folder: string): ReadonlyArray<string> =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [path.join(entry.parentPath, entry.name)] : []))
    .sort()

/** As decay of the disk does: the byte changes, size and times do not. */
const flipSilently = (file: string, at: number, bit: number): void => {
  const { atime, mtime } = fs.statSync(file)
  const bytes = fs.readFileSync(file)
  bytes[at] = bytes[at]! ^ (1 << bit)
  fs.writeFileSync(file, bytes)
  fs.utimesSync(file, atime, mtime)
}

const kindOf = (relative: string): string => {
  const [folder] = relative.split(path.sep)
  if (folder !== "objects") return folder!
  return relative.endsWith(".manifest.json") ? "manifests" : path.extname(relative)
}

describe("C21 - a byte that flips in the store", () => {
  it.effect(
    `is found before it is used, or harmless, and mended by making it again: ${flips} flips`,
    () =>
      Effect.gen(function* () {
        const pristine = yield* temporaryFolder
        const digests = yield* inStore(
          pristine,
          Effect.gen(function* () {
            const store = yield* Store
            const made: Array<string> = []
            for (const [n, one] of cases.entries()) {
              const digest = yield* write(one)
              made.push(digest)
              yield* store.writeRecord(recordOf(n, { out: digest }))
            }
            return made
          })
        )
        const saving = checkpoint(pristine)
        for (const n of [1, 2]) yield* saving.offer(() => state(n))
        const manifests = yield* inStore(
          pristine,
          Effect.flatMap(Store, (store) => Effect.forEach(digests, (digest) => store.manifest(digest)))
        )
        const files = filesIn(pristine).map((file) => path.relative(pristine, file))
        const hit: { [kind: string]: number } = {}
        let found = 0
        for (let trial = 0; trial < flips; trial++) {
          const root = path.join(yield* temporaryFolder, "store")
          fs.cpSync(pristine, root, { recursive: true, preserveTimestamps: true })
          const relative = files[trial % files.length]!
          const file = path.join(root, relative)
          const size = fs.statSync(file).size
          flipSilently(file, ((trial * 7919 + (trial / files.length) * 104_729) % size) | 0, trial % 8)
          hit[kindOf(relative)] = (hit[kindOf(relative)] ?? 0) + 1
          const label = `flip ${trial} in ${relative}`
          const damaged = yield* inStore(
            root,
            Effect.gen(function* () {
              const store = yield* Store
              let damaged = 0
              for (const [n, one] of cases.entries()) {
                const record = yield* store.record(idOf(n))
                if (Option.isNone(record)) damaged++
                else expect(record.value, label).toEqual(recordOf(n, { out: digests[n]! }))
                const manifest = yield* Effect.exit(store.manifest(digests[n]!))
                if (Exit.isSuccess(manifest)) expect(manifest.value, label).toEqual(manifests[n])
                const value = yield* Effect.exit(read(one, digests[n]!))
                if (Exit.isSuccess(value)) expect(value.value, label).toEqual(one.value)
                else {
                  damaged++
                  const error = yield* Effect.flip(read(one, digests[n]!))
                  expect(["missing", "corrupt"], label).toContain((error as { reason: string }).reason)
                }
              }
              return damaged
            })
          )
          if (damaged > 0) found++
          // Another process makes again what is not there, as a run does, and all is well.
          yield* inStore(
            root,
            Effect.gen(function* () {
              const store = yield* Store
              for (const [n, one] of cases.entries()) {
                const whole = yield* store.present([digests[n]!])
                if (Option.isSome(yield* store.record(idOf(n))) && whole) continue
                expect(yield* write(one), label).toBe(digests[n])
                yield* store.writeRecord(recordOf(n, { out: digests[n]! }))
              }
              for (const [n, one] of cases.entries())
                expect(yield* read(one, digests[n]!), label).toEqual(one.value)
              const again = yield* store.verify()
              // A record that the index hid is found by verify.
              expect(again.corrupt.length, label).toBeLessThanOrEqual(kindOf(relative) === "records" ? 1 : 0)
              expect(again.unreadable, label).toEqual([])
            })
          )
          const loaded = yield* checkpoint(root).load
          expect(
            [1, 2].map((n) => Option.some(state(n))),
            label
          ).toContainEqual(loaded)
        }
        expect(Object.keys(hit).toSorted()).toEqual(
          [
            ".arrow",
            ".html",
            ".json",
            ".parquet",
            ".safetensors",
            "checkpoints",
            "index",
            "manifests",
            "records"
          ].toSorted()
        )
        const objects = Object.entries(hit).filter(([kind]) => kind.startsWith(".") || kind === "manifests")
        expect(found).toBeGreaterThanOrEqual(objects.reduce((sum, [, count]) => sum + count, 0) * 0.95)
      }).pipe(Effect.scoped),
    900_000
  )

  it.effect(
    "in a run's own files changes what is told of it, and never what is read through it",
    () =>
      Effect.gen(function* () {
        const pristine = yield* temporaryFolder
        const digests = yield* inStore(
          pristine,
          Effect.gen(function* () {
            const made: Array<string> = []
            for (const one of cases) made.push(yield* write(one))
            const folder = yield* createRunFolder(pristine, 0)
            yield* folder.write(runOf(folder.id, made))
            for (const [n, digest] of made.entries())
              folder.append({
                type: "NodeFinished",
                time: n,
                node: `node/${n}`,
                stage: "test/stage",
                fingerprint: idOf(n),
                seconds: 1,
                outputs: { out: digest }
              })
            folder.flush()
            return made
          })
        )
        const files = filesIn(path.join(pristine, "runs")).map((file) => path.relative(pristine, file))
        expect(files.map((file) => path.basename(file))).toEqual(["events.jsonl", "run.json"])
        let told = 0
        for (let trial = 0; trial < flips; trial++) {
          const root = path.join(yield* temporaryFolder, "store")
          fs.cpSync(pristine, root, { recursive: true, preserveTimestamps: true })
          const file = path.join(root, files[trial % 2]!)
          flipSilently(file, (trial * 7919) % fs.statSync(file).size, trial % 8)
          const label = `flip ${trial} in ${path.basename(file)}`
          yield* inStore(
            root,
            Effect.gen(function* () {
              const store = yield* Store
              const run = yield* Effect.exit(loadRun("latest"))
              if (Exit.isFailure(run)) return void told++
              yield* Effect.exit(run.value.events)
              for (const [name, { outputs }] of Object.entries(run.value.file.nodes)) {
                const digest = outputs?.["out"]?.digest
                const n = digests.indexOf(digest ?? "")
                if (n >= 0)
                  expect(yield* read(cases[n]!, digest!), `${label}, ${name}`).toEqual(cases[n]!.value)
                else if (digest !== undefined) expect(yield* store.present([digest]), label).toBe(false)
              }
              expect((yield* store.verify()).corrupt, label).toEqual([])
            })
          )
        }
        expect(told).toBeGreaterThan(0)
      }).pipe(Effect.scoped),
    900_000
  )
})

const runOf = (id: string, digests: ReadonlyArray<string>): RunFile => ({
  id,
  pipeline: "rot",
  description: "Made by a test.",
  status: "done",
  started: "2026-01-01T00:00:00.000Z",
  seconds: 1,
  command: ["run", "rot"],
  seed: "0",
  backend: {},
  numerics: null,
  until: null,
  jobs: 1,
  executor: "local",
  process: { host: "here", pid: 1 },
  versions: {},
  counts: countsOf(new Map()),
  nodes: Object.fromEntries(
    digests.map((digest, n) => [
      `node/${n}`,
      {
        stage: "test/stage",
        description: "",
        params: {},
        inputs: {},
        status: "ran" as const,
        fingerprint: idOf(n),
        outputs: { out: { kind: cases[n]!.kind.name, digest } },
        seconds: 1,
        failure: null
      }
    ])
  )
})
