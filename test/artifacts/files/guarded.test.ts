/** The limits of reading, with threads that loop, grow, fail and die in the place of a library. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readArrowMatrix } from "../../../artifacts/files/arrowMatrix.ts"
import { limitsFor, readGuarded } from "../../../artifacts/files/guarded.ts"
import { readParquetMatrix, writeParquetMatrix } from "../../../artifacts/files/parquetMatrix.ts"
import { InputError } from "../../../schemas/errors.ts"
import { bundle } from "../../support/program.ts"
import { matrixCodec } from "../../../artifacts/codecs/matrix.ts"
import * as Effect from "effect/Effect"
import { encode } from "../encoding.ts"
import { Vectors } from "../fixtures.ts"

let folder = ""
const program = process.env.ASTERISM_PROGRAM

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-guarded-"))
})
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true })
  if (program === undefined) delete process.env.ASTERISM_PROGRAM
  else process.env.ASTERISM_PROGRAM = program
})

/** A thread whose reader is the given code. */
const reader = (code: string): string => {
  const home = fs.mkdtempSync(path.join(folder, "program-"))
  fs.writeFileSync(
    path.join(home, "reader.mjs"),
    `import { parentPort } from "node:worker_threads"
     parentPort.on("message", (request) => { ${code} })
     parentPort.postMessage("ready")`
  )
  process.env.ASTERISM_PROGRAM = home
  const file = path.join(home, "file.parquet")
  fs.writeFileSync(file, "PAR1")
  return file
}

const failure = async (reading: Promise<unknown>): Promise<unknown> =>
  reading.then(
    () => "it was read",
    (error: unknown) => error
  )

describe("readGuarded", () => {
  it("ends a reader that takes too long, with a message of ours", async () => {
    const file = reader("for (;;) {}")
    const error = await failure(readGuarded("parquet", file, {}, undefined, { seconds: 0.2, bytes: 512e6 }))
    expect(error).toBeInstanceOf(InputError)
    expect(error).toMatchObject({ where: file })
    expect((error as InputError).what).toMatch(/^Reading took longer than 0\.2 s, .* a file of 4 bytes:/)
  })

  it("ends a reader that takes too much memory, in arrays of the engine's and in buffers", async () => {
    for (const code of [
      "const all = []; for (;;) all.push(all.length)",
      "const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1))",
      "const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1))"
    ]) {
      const file = reader(code)
      const error = await failure(readGuarded("parquet", file, {}, undefined, { seconds: 30, bytes: 200e6 }))
      expect((error as InputError).what, code).toMatch(/^Reading took more than 200 MB of memory/)
    }
  })

  it("goes on after a reader was ended", async () => {
    const file = reader("for (;;) {}")
    await failure(readGuarded("parquet", file, {}, undefined, { seconds: 0.1, bytes: 512e6 }))
    const next = reader(
      "parentPort.postMessage({ matrix: { rows: 1, dims: 1, data: new Float32Array([7]) }, keys: null })"
    )
    expect(await readGuarded("parquet", next)).toMatchObject({ rows: 1, data: new Float32Array([7]) })
  })

  it("ends a reader whose caller no longer waits", async () => {
    const file = reader("for (;;) {}")
    const controller = new AbortController()
    const reading = failure(readGuarded("parquet", file, {}, controller.signal))
    setTimeout(() => controller.abort(new Error("no longer wanted")), 50)
    expect(await reading).toMatchObject({ message: "no longer wanted" })
  })

  it("hears of a reader that dies", async () => {
    const file = reader("process.exit(3)")
    expect(await failure(readGuarded("parquet", file))).toBeInstanceOf(Error)
  })

  it("gives more time and memory to larger files", () => {
    expect(limitsFor(2900)).toEqual({ seconds: 4, bytes: 512e6 + 64 * 2900 })
    expect(limitsFor(100e6)).toEqual({ seconds: 104, bytes: 512e6 + 6400e6 })
  })

  it("gives what the readers give, their errors included", async () => {
    const home = fs.mkdtempSync(path.join(folder, "program-"))
    const thread = await bundle(new URL("../../../artifacts/files/guardedThread.ts", import.meta.url))
    process.env.ASTERISM_PROGRAM = path.dirname(thread)
    fs.copyFileSync(thread, path.join(path.dirname(thread), "reader.mjs"))
    const keys = ["a", "", "zwei Wörter", "🌌"]
    const data = Float64Array.from({ length: 12 }, (_, i) => i / 7)
    const parquet = path.join(home, "m.parquet")
    await writeParquetMatrix(parquet, keys, 3, data)
    expect(await readGuarded("parquet", parquet)).toEqual(await readParquetMatrix(parquet, {}))
    const matrix = { keys, dims: 3, data }
    const { path: arrow } = await Effect.runPromise(encode(matrixCodec, Vectors, matrix, home))
    expect(await readGuarded("arrow", arrow)).toEqual(await readArrowMatrix(arrow, {}))
    const broken = path.join(home, "broken.parquet")
    fs.writeFileSync(broken, "PAR1, and no more")
    const error = await failure(readGuarded("parquet", broken))
    expect(error).toBeInstanceOf(InputError)
    expect(error).toEqual(await failure(readParquetMatrix(broken, {})))
    fs.rmSync(path.dirname(thread), { recursive: true, force: true })
  })
})
