import { assert, describe, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import type { Calls } from "./support.ts"
import { bench, constant, runIn, study, sum } from "./support.ts"

const chain = (calls: Calls, step: number) =>
  study(function* (p) {
    const a = yield* p.stage("a", constant(calls), { params: { value: 41, label: "a" } })
    const b = yield* p.stage("b", sum(calls), {
      inputs: { numbers: { a: a.number } },
      params: { label: "b", step: 10 }
    })
    yield* p.stage("c", sum(calls), { inputs: { numbers: { b: b.number } }, params: { label: "c", step } })
  })

const filesIn = (folder: string): ReadonlyArray<string> =>
  fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((file) => fs.statSync(file).isFile())

/** As decay of the disk does: size and times stay. */
const silently = (file: string, change: (bytes: Buffer) => Buffer): void => {
  const { atime, mtime } = fs.statSync(file)
  fs.writeFileSync(file, change(fs.readFileSync(file)))
  fs.utimesSync(file, atime, mtime)
}

/** What becomes of a file of the object that `b` made, or of its record. */
const damages: { readonly [name: string]: (object: string, manifest: string, record: string) => void } = {
  nothing: () => undefined,
  "another value, size and times kept": (object) => silently(object, () => Buffer.from("14\n")),
  "no object": (object) => fs.rmSync(object),
  "a folder in the object's place": (object) => {
    fs.rmSync(object)
    fs.mkdirSync(object)
  },
  "a link to itself": (object) => {
    fs.rmSync(object)
    fs.symlinkSync(path.basename(object), object)
  },
  "no manifest": (_, manifest) => fs.rmSync(manifest),
  "a manifest cut": (_, manifest) => fs.truncateSync(manifest, 10),
  "a manifest with another byte": (_, manifest) =>
    silently(manifest, (bytes) => Buffer.from(bytes.toString().replace('"stage":"test/', '"stage":"tast/'))),
  "a folder in the manifest's place": (_, manifest) => {
    fs.rmSync(manifest)
    fs.mkdirSync(manifest)
  },
  "a record cut": (_, __, record) => fs.truncateSync(record, 20),
  "no record": (_, __, record) => fs.rmSync(record),
  "a folder in the record's place": (_, __, record) => {
    fs.rmSync(record)
    fs.mkdirSync(record)
  }
}

describe("C24 - one run mends", () => {
  for (const [name, damage] of Object.entries(damages))
    it.effect(name, () =>
      Effect.gen(function* () {
        const folder = yield* bench
        const first = yield* runIn(folder, yield* chain({}, 1))
        const { outputs, fingerprint } = first.file.nodes["b"]!
        const { digest } = outputs!["number"]!
        const objects = filesIn(path.join(folder.store, "objects"))
        const object = objects.find((file) => file.endsWith(`${digest}.json`))!
        const record = filesIn(path.join(folder.store, "records")).find((file) =>
          file.includes(fingerprint!)
        )!
        damage(object, `${object.slice(0, -".json".length)}.manifest.json`, record)
        // Only c is another: its input is read.
        const calls: Calls = {}
        const { exitCode, file } = yield* runIn(folder, yield* chain(calls, 3))
        assert.strictEqual(exitCode, 0)
        const result = file.nodes["c"]!.outputs!["number"]!.digest
        const written = filesIn(path.join(folder.store, "objects")).find((found) =>
          found.endsWith(`${result}.json`)
        )!
        assert.strictEqual(fs.readFileSync(written, "utf8"), "39\n")
        assert.strictEqual(fs.readFileSync(object, "utf8"), "40\n")
        assert.strictEqual(calls["b"] ?? 0, name === "nothing" ? 0 : 1)
        for (const file of [object, record]) assert.isTrue(fs.lstatSync(file).isFile())
        // And nothing is left to do.
        const again: Calls = {}
        assert.strictEqual((yield* runIn(folder, yield* chain(again, 3))).exitCode, 0)
        assert.deepStrictEqual(again, {})
      })
    )
})
