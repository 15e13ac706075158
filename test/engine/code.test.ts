import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { factsOf } from "../../bin/program/facts.mjs"
import { Code } from "../../engine/fingerprint/Code.ts"
import { centre } from "../../stages/centre.ts"
import { matrixFile } from "../../stages/data/matrixFile.ts"
import { bench, type Bench } from "./support.ts"

/** The closure as a new process would find it, with the cache of earlier ones. */
const closureOf = ({ root }: Bench, source: string) =>
  Effect.flatMap(Code, (code) => code.closure(source)).pipe(
    Effect.provide(Code.layer({ cache: join(root, "cache") }))
  )

const stage = `
  import { helper } from "./lib/helper.ts"
  import type { Shape } from "./shape.ts"
  /** Doubles. */
  export const run = (x: number, shape?: Shape): number => helper(x) * 2
`
const helper = "export const helper = (x: number): number => x + 1\n"

describe("Code", () => {
  it.effect("C3: comments, types and formatting are no code", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const source = folder.file("stage.ts", stage)
      folder.file("lib/helper.ts", helper)
      folder.file("shape.ts", "export interface Shape { rows: number }")
      const before = yield* closureOf(folder, source)
      assert.deepStrictEqual(Object.keys(before.files), ["lib/helper.ts", "stage.ts"])
      folder.file("lib/helper.ts", "// a note\n/*! @license */ export const helper = (x) =>\n\n   (x + 1);\n")
      folder.file(
        "stage.ts",
        stage.replace("Doubles.", "Twice.").replace("shape?: Shape", "shape?: Shape | undefined")
      )
      folder.file("shape.ts", "export interface Shape { rows: number; dims: number }")
      const after = yield* closureOf(folder, source)
      assert.deepStrictEqual(after, before)
    })
  )

  it.effect("C4: any other edit of a reached file counts, and the file is named", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const source = folder.file("stage.ts", stage)
      folder.file("lib/helper.ts", helper)
      const before = yield* closureOf(folder, source)
      folder.file("lib/helper.ts", `${helper}export const unused = 1\n`)
      const after = yield* closureOf(folder, source)
      assert.notStrictEqual(after.hash, before.hash)
      assert.strictEqual(after.files["stage.ts"], before.files["stage.ts"])
      assert.notStrictEqual(after.files["lib/helper.ts"], before.files["lib/helper.ts"])
    })
  )

  it.effect("C4: dynamic imports, re-exports, extensionless names and cycles are followed", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const source = folder.file(
        "stage.ts",
        `export * from "./a"
         export const later = () => import(/* lazily */ "./b.js")
         export const other = () => import(\`./c.ts\`)`
      )
      folder.file("a.ts", 'export { later } from "./stage.ts"')
      folder.file("b.ts", 'import "./d"')
      folder.file("c.ts", "export {}")
      folder.file("d/index.ts", "export {}")
      const { files } = yield* closureOf(folder, source)
      assert.deepStrictEqual(Object.keys(files), ["a.ts", "b.ts", "c.ts", "d/index.ts", "stage.ts"])
    })
  )

  it.effect("C5: files named by new URL and JSON imports count byte for byte", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const source = folder.file(
        "stage.ts",
        `import table from "./table.json" with { type: "json" }
         export const rows = table.length
         export const kernel = new URL("./kernel.wasm", import.meta.url)
         export const other = new URL('worker.ts', import.meta.url)`
      )
      folder.file("table.json", "[1]")
      folder.file("kernel.wasm", "\0asm")
      folder.file("worker.ts", 'import "./inner.ts"')
      folder.file("inner.ts", "export {}")
      const before = yield* closureOf(folder, source)
      assert.deepStrictEqual(Object.keys(before.files), [
        "inner.ts",
        "kernel.wasm",
        "stage.ts",
        "table.json",
        "worker.ts"
      ])
      folder.file("kernel.wasm", "\0asm2")
      const after = yield* closureOf(folder, source)
      assert.notStrictEqual(after.files["kernel.wasm"], before.files["kernel.wasm"])
      folder.file("table.json", "[2]")
      assert.notStrictEqual((yield* closureOf(folder, source)).hash, after.hash)
    })
  )

  it.effect("C5: packages count by exact version, as the importing file finds them", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const source = folder.file(
        "stage.ts",
        'import { readFileSync } from "node:fs"\nimport toy from "toy"\nimport * as Effect from "effect/Effect"\nexport const run = () => [readFileSync, toy, Effect]'
      )
      const manifest = (version: string) =>
        folder.file("node_modules/toy/package.json", JSON.stringify({ name: "toy", version }))
      manifest("1.2.3")
      folder.file("node_modules/toy/index.js", "module.exports = 1")
      const before = yield* closureOf(folder, source)
      // `effect` is the frame of every stage: its version is no part of what one computes.
      assert.deepStrictEqual(before.packages, { toy: "1.2.3" })
    })
  )

  it.effect("C2: the folder a checkout lies in does not count", () =>
    Effect.gen(function* () {
      const [one, two] = [yield* bench, yield* bench]
      for (const folder of [one, two]) folder.file("lib/helper.ts", helper)
      const [a, b] = [one.file("stage.ts", stage), two.file("stage.ts", stage)]
      assert.deepStrictEqual(yield* closureOf(one, a), yield* closureOf(two, b))
    })
  )

  it.effect("a file reached by two names is one file", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const source = folder.file("stage.ts", 'import "./real/x.ts"; import "./link/x.ts"')
      mkdirSync(join(folder.root, "real"))
      writeFileSync(join(folder.root, "real", "x.ts"), "export {}")
      symlinkSync(join(folder.root, "real"), join(folder.root, "link"))
      const { files } = yield* closureOf(folder, source)
      assert.deepStrictEqual(Object.keys(files), ["real/x.ts", "stage.ts"])
    })
  )

  it.effect("a file that does not parse is bad input that names it", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const source = folder.file("stage.ts", 'import "./broken.ts"')
      folder.file("broken.ts", "export const = 1")
      const error = yield* Effect.flip(closureOf(folder, source))
      assert.strictEqual(error._tag, "InputError")
      assert.include(error.message, "broken.ts")
    })
  )

  it.effect("a damaged cache changes no hash", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const source = folder.file("stage.ts", stage)
      folder.file("lib/helper.ts", helper)
      const before = yield* closureOf(folder, source)
      folder.file("cache/code.json", '{"version": 3')
      assert.deepStrictEqual(yield* closureOf(folder, source), before)
    })
  )

  it.effect("C3: descriptions and the wording of errors are no code; what programs decide by is", () =>
    Effect.gen(function* () {
      const text = `
        import { InputError, ArtifactError, Stage } from "asterism"
        export const made = Stage.make("a/b", { description: "Makes.", source: import.meta.url })
        export const run = (rows) => {
          if (rows < 0) throw new RangeError("negative")
          if (rows === 0) return new InputError({ what: \`No \${rows}.\`, next: "give some" })
          return new ArtifactError({ reason: "missing", path: "p", detail: "gone" })
        }`
      const hashOf = (edited: string) =>
        Effect.promise(() => factsOf(edited, "ts", "stage.ts").then(({ hash }) => hash))
      const hash = yield* hashOf(text)
      const edited = (from: string, to: string) => {
        assert.include(text, from)
        return hashOf(text.replace(from, to))
      }
      const words = [
        ['"Makes."', '"Builds."'],
        ['"negative"', "`${rows} is negative`"],
        ["`No ${rows}.`", '"None."'],
        ['"give some"', '"give one"'],
        ['"gone"', '"lost"']
      ] as const
      for (const [from, to] of words) assert.strictEqual(yield* edited(from, to), hash, from)
      const deeds = [
        ['"missing"', '"corrupt"'],
        ["RangeError", "TypeError"],
        ["rows < 0", "rows <= 0"],
        ['"a/b"', '"a/c"'],
        ["next:", "where:"]
      ] as const
      for (const [from, to] of deeds) assert.notStrictEqual(yield* edited(from, to), hash, from)
    })
  )

  it.effect(
    "C4: the readers of a stage's inputs count, with what they import; the engine and the store do not",
    () =>
      Effect.gen(function* () {
        const code = yield* Code
        const { files, packages } = yield* code.stage(matrixFile)
        for (const name of [
          "artifacts/files/npy.ts",
          "artifacts/files/readMatrix.ts",
          "artifacts/codecs/matrix.ts"
        ])
          assert.isString(files[name], name)
        assert.deepStrictEqual(
          Object.keys(files).filter((name) => /^(engine|artifacts\/store|cli|report)\//.test(name)),
          []
        )
        assert.isString(packages["@bokuweb/zstd-wasm"])
        const centred = yield* code.stage(centre)
        assert.isString(centred.files["artifacts/codecs/matrixReader.ts"])
        assert.isUndefined(centred.files["artifacts/codecs/sparse.ts"])
        assert.isUndefined(centred.files["artifacts/files/npy.ts"])
      }).pipe(Effect.provide(Code.layer({ cache: null })))
  )

  it.effect("a stage made inside a function that takes values from it is known", () =>
    Effect.gen(function* () {
      const capturesOf = (text: string) =>
        Effect.promise(() =>
          factsOf(`import { Stage } from "asterism"\n${text}`, "ts", "stage.ts").then(({ captures }) =>
            captures.map(({ names }) => names)
          )
        )
      const factory = (run: string, more = "") =>
        `export const by = (n: number, { m = 2 }: { m?: number }) => Stage.make("a", { source: import.meta.url, ${more} run: ${run} })`
      assert.deepStrictEqual(yield* capturesOf(factory("({ params }) => params.x * n * m")), [["m", "n"]])
      assert.deepStrictEqual(yield* capturesOf(factory("({ params }) => params.n")), [])
      assert.deepStrictEqual(yield* capturesOf(factory("(n) => { const m = 1; return n * m }")), [])
      assert.deepStrictEqual(yield* capturesOf(factory("() => n", "captures: { n },")), [])
      assert.deepStrictEqual(
        yield* capturesOf(
          'const n = 1\nexport const s = Stage.make("a", { source: import.meta.url, run: () => n })'
        ),
        []
      )
    })
  )
})
