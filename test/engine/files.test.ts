/** C20: declared files count by content, and a node is held to the content its fingerprint was made from. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { Checkpoint } from "../../engine/services/Checkpoint.ts"
import type { Services } from "../../engine/Stage.ts"
import * as Stage from "../../engine/Stage.ts"
import { bench, Number_, planIn, reasonsOf, runIn, study, type Bench } from "./support.ts"

/** Reads a number from a file, as it says; `before` happens while it runs, before it reads. */
const reading = (
  { root }: Bench,
  during: { readonly before?: () => void; readonly after?: () => void } = {},
  work: Effect.Effect<unknown, unknown, Services> = Effect.void
) =>
  Stage.make("test/reading", {
    description: "The number in a file.",
    source: import.meta.url,
    params: Schema.Struct({ file: Schema.String }),
    inputs: {},
    outputs: { number: Number_ },
    files: ({ file }) => [join(root, file)],
    captures: {},
    run: ({ params }) =>
      Effect.gen(function* () {
        during.before?.()
        const number = Number(readFileSync(join(root, params.file), "utf8"))
        yield* work
        during.after?.()
        return { number }
      })
  })

const of = (stage: ReturnType<typeof reading>, file = "v.txt") =>
  study(function* (p) {
    yield* p.stage("node", stage, { params: { file } })
  })

const recordsIn = ({ store }: Bench): number =>
  readdirSync(join(store, "records"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".json")
  ).length

/** What may happen to a file that holds 1 while the stage runs, and what the message must say. */
const changes: ReadonlyArray<readonly [name: string, change: (folder: Bench) => void, says: RegExp]> = [
  ["is edited", (folder) => void folder.file("v.txt", "2"), /v\.txt.*changed while it ran/],
  [
    "is replaced",
    (folder) => {
      folder.file("other.txt", "2")
      renameSync(join(folder.root, "other.txt"), join(folder.root, "v.txt"))
    },
    /v\.txt.*changed while it ran/
  ],
  [
    "is edited with its size and time kept",
    (folder) => {
      folder.file("v.txt", "2")
      utimesSync(join(folder.root, "v.txt"), 1000, 1000)
    },
    /v\.txt.*changed while it ran/
  ],
  ["vanishes", ({ root }) => rmSync(join(root, "v.txt")), /v\.txt.*could not be read.*no such file/],
  [
    "becomes a folder",
    ({ root }) => {
      rmSync(join(root, "v.txt"))
      mkdirSync(join(root, "v.txt"))
    },
    /v\.txt.*could not be read.*folder/
  ]
]

describe("declared files", () => {
  for (const [name, change, says] of changes) {
    it.effect(`C20: nothing is recorded where a file ${name} while the stage runs`, () =>
      Effect.gen(function* () {
        const folder = yield* bench
        folder.file("v.txt", "1")
        utimesSync(join(folder.root, "v.txt"), 1000, 1000)
        const failed = yield* runIn(folder, yield* of(reading(folder, { after: () => change(folder) })))
        assert.strictEqual(failed.exitCode, 2)
        assert.match(failed.failures[0]!.reason, says)
        assert.match(failed.failures[0]!.next, /run again: asterism/)
        assert.strictEqual(recordsIn(folder), 0)
        rmSync(join(folder.root, "v.txt"), { recursive: true, force: true })
        folder.file("v.txt", "1")
        const again = yield* runIn(folder, yield* of(reading(folder)))
        assert.strictEqual(again.file.nodes["node"]!.status, "ran")
      })
    )
  }

  it.effect(
    "C20: another content that is read is not recorded for this one, though it is back at the end",
    () =>
      Effect.gen(function* () {
        const folder = yield* bench
        folder.file("v.txt", "1")
        const stage = reading(folder, {
          before: () => void folder.file("v.txt", "2"),
          after: () => void folder.file("v.txt", "1")
        })
        const failed = yield* runIn(folder, yield* of(stage))
        assert.strictEqual(failed.exitCode, 2)
        assert.match(failed.failures[0]!.reason, /was written to while it ran/)
        assert.strictEqual(recordsIn(folder), 0)
      })
  )

  it.effect("C20: a stage that fails because its file was taken away says so", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      folder.file("v.txt", "1")
      const stage = reading(folder, { before: () => rmSync(join(folder.root, "v.txt")) })
      const failed = yield* runIn(folder, yield* of(stage))
      assert.strictEqual(failed.exitCode, 2)
      assert.match(failed.failures[0]!.reason, /v\.txt.*was written to while it ran/)
    })
  )

  it.effect("C20: an edit between planning and running is seen", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      folder.file("v.txt", "1")
      const first = reading(folder)
      const made = yield* study(function* (p) {
        yield* p.stage("node", first, { params: { file: "v.txt" } })
      })
      const { file, exitCode } = yield* runIn(folder, made, {
        onEvent: (event) => {
          if (event.type === "NodeStarted") folder.file("v.txt", "2")
        }
      })
      assert.strictEqual(exitCode, 2)
      assert.match(file.nodes["node"]!.failure!, /changed after the node was planned/)
      assert.strictEqual(recordsIn(folder), 0)
    })
  )

  it.effect("C20: a state is saved only while the file is the one of the fingerprint", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      folder.file("v.txt", "1")
      const offering = Effect.flatMap(Checkpoint, ({ offer }) =>
        offer(() => ({ tensors: {}, metadata: { step: "1" } }))
      )
      const stage = reading(folder, { before: () => void folder.file("v.txt", "2") }, offering)
      const failed = yield* runIn(folder, yield* of(stage), { checkpointSeconds: 0 })
      assert.strictEqual(failed.exitCode, 2)
      assert.deepStrictEqual(readdirSync(join(folder.store, "checkpoints")), [])
    })
  )

  it.effect("C20: folders, pipes, circles and missing files are bad input, and none is waited for", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      mkdirSync(join(folder.root, "folder"))
      execFileSync("mkfifo", [join(folder.root, "pipe")])
      symlinkSync(join(folder.root, "circle"), join(folder.root, "circle"))
      symlinkSync(join(folder.root, "pipe"), join(folder.root, "link"))
      for (const [file, says] of [
        ["folder", "it is a folder"],
        ["pipe", "it is a pipe"],
        ["link", "it is a pipe"],
        ["circle", "its symbolic links lead in a circle"],
        ["absent", "there is no such file"],
        ["absent/v.txt", "there is no such file"]
      ]) {
        const error = yield* Effect.flip(planIn(folder, yield* of(reading(folder), file)))
        assert.include(String(error), `cannot read ${join(folder.root, file!)}: ${says}`)
        assert.strictEqual((error as { readonly _tag: string })._tag, "InputError")
      }
    })
  )

  it.effect("C20: a link counts by what it leads to, and a file that is touched is the same", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      folder.file("a.txt", "1")
      folder.file("b.txt", "2")
      symlinkSync(join(folder.root, "a.txt"), join(folder.root, "v.txt"))
      yield* runIn(folder, yield* of(reading(folder)))
      utimesSync(join(folder.root, "a.txt"), 1000, 1000)
      assert.strictEqual((yield* planIn(folder, yield* of(reading(folder)))).cached, 1)
      rmSync(join(folder.root, "v.txt"))
      symlinkSync(join(folder.root, "b.txt"), join(folder.root, "v.txt"))
      const [reason] = reasonsOf(yield* planIn(folder, yield* of(reading(folder))), "node")
      assert.match(reason!, /^inputs: file:…\/v\.txt [0-9a-f]{8} → [0-9a-f]{8}$/)
    })
  )

  it.effect("C2: the folder that the files are in does not count", () =>
    Effect.gen(function* () {
      const fingerprints = []
      for (const text of ["1", "1", "2"]) {
        const folder = yield* bench
        folder.file("v.txt", text)
        fingerprints.push((yield* planIn(folder, yield* of(reading(folder)))).nodes[0]!.fingerprint)
      }
      assert.strictEqual(fingerprints[0], fingerprints[1])
      assert.notStrictEqual(fingerprints[0], fingerprints[2])
    })
  )

  it.effect("C20: files of one name are told apart by their place, and swapping them counts", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const pair = Stage.make("test/pair", {
        description: "Two files of one name.",
        source: import.meta.url,
        params: Schema.Struct({}),
        inputs: {},
        outputs: { number: Number_ },
        files: () => ["a", "b"].map((name) => join(folder.root, name, "v.txt")),
        captures: {},
        run: () => Effect.succeed({ number: Number(readFileSync(join(folder.root, "a/v.txt"), "utf8")) })
      })
      const made = yield* study(function* (p) {
        yield* p.stage("node", pair, {})
      })
      folder.file("a/v.txt", "1")
      folder.file("b/v.txt", "2")
      assert.strictEqual((yield* runIn(folder, made)).exitCode, 0)
      folder.file("a/v.txt", "2")
      folder.file("b/v.txt", "1")
      assert.lengthOf(reasonsOf(yield* planIn(folder, made), "node"), 2)
    })
  )

  it.effect("a stage whose `files` throws is bad input, not a crash", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      for (const files of [
        () => {
          throw new Error("no folder")
        },
        () => [""],
        () => undefined as unknown as Array<string>
      ]) {
        const stage = Stage.make("test/odd-files", {
          description: "Says nothing.",
          source: import.meta.url,
          params: Schema.Struct({}),
          inputs: {},
          outputs: { number: Number_ },
          files,
          captures: {},
          run: () => Effect.succeed({ number: 1 })
        })
        const made = yield* study(function* (p) {
          yield* p.stage("node", stage, {})
        })
        const error = yield* Effect.flip(planIn(folder, made))
        assert.match(String(error), /'node' does not say which files it reads/)
      }
    })
  )
})
