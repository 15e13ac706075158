/**
 * Matrices past what a buffer holds: `npm run test:scale`, or
 * `node bench/run.mjs test/scale/matrix.ts [folder]`. Needs about 5 GiB of disk in the folder (default: the system's
 * temporary one) and 6 GiB of memory, and removes its files. Each step runs in a process of its own, so that its peak
 * memory is its own.
 *
 * 1. writes 1,200,000 × 1,024 float32 (4.6 GiB) in blocks;
 * 2. reads it block by block: every key and value, peak resident memory at most 200 MB;
 * 3. reads it whole, into one array of more than 4 GiB;
 * 4. reads a file whose only record batch has 2.3 GiB, as other programs write them.
 */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { ArrowFileWriter } from "../../artifacts/codecs/arrow/ArrowFileWriter.ts"
import { bytesOf } from "../../artifacts/codecs/arrow/regions.ts"
import { encodeTexts } from "../../artifacts/codecs/arrow/utf8Column.ts"
import { matrixCodec } from "../../artifacts/codecs/matrix.ts"
import { openMatrix } from "../../artifacts/codecs/matrixReader.ts"
import { HashingSink } from "../../artifacts/store/HashingSink.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"

const dims = 1024
const rows = 1_200_000
const fewerRows = 600_000
const pagedLimit = 200e6

const valueAt = (row: number, column: number): number => ((row * 31 + column) % 8191) / 8
const keyOf = (row: number): string => `row ${row}`

const fill = (start: number, count: number): Float32Array<ArrayBuffer> => {
  const data = new Float32Array(count * dims)
  for (let i = 0; i < count; i++)
    for (let column = 0; column < dims; column++) data[i * dims + column] = valueAt(start + i, column)
  return data
}

const keysOf = (start: number, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, i) => keyOf(start + i))

const expect = (condition: boolean, what: string): void => {
  if (!condition) throw new Error(`not so: ${what}`)
}

const checkRows = (start: number, keys: ReadonlyArray<string>, data: ArrayLike<number>): void => {
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] !== keyOf(start + i)) throw new Error(`row ${start + i} has the key ${keys[i]}`)
    for (let column = 0; column < dims; column++)
      if (data[i * dims + column] !== valueAt(start + i, column))
        throw new Error(`row ${start + i}, column ${column} holds ${data[i * dims + column]}`)
  }
}

const steps: { readonly [step: string]: (folder: string) => Promise<void> } = {
  write: async (folder) => {
    const sink = new HashingSink(folder)
    const size = 5000
    const blocks = Stream.unfold(0, (start) =>
      Effect.sync(() => {
        if (start >= rows) return undefined
        const count = Math.min(size, rows - start)
        return [{ keys: keysOf(start, count), data: fill(start, count) }, start + count] as const
      })
    )
    await Effect.runPromise(matrixCodec.encode(Embeddings, { dims, precision: "float32", blocks }, sink))
    sink.finish()
    fs.renameSync(sink.path, path.join(folder, "large.arrow"))
    expect(fs.statSync(path.join(folder, "large.arrow")).size > 2 ** 32, "the file passes 4 GiB")
  },
  "read by block": async (folder) => {
    const reader = await Effect.runPromise(openMatrix(path.join(folder, "large.arrow")))
    let seen = 0
    await Effect.runPromise(
      Stream.runForEach(reader.blocks, ({ start, keys, data }) =>
        Effect.sync(() => {
          expect(start === seen, "blocks follow each other")
          checkRows(start, keys, data)
          seen += keys.length
        })
      )
    )
    expect(seen === rows, "every row was read")
    const peak = process.resourceUsage().maxRSS * 1024
    expect(peak <= pagedLimit, `peak memory ${Math.round(peak / 1e6)} MB is at most ${pagedLimit / 1e6} MB`)
  },
  "read whole": async (folder) => {
    const reader = await Effect.runPromise(openMatrix(path.join(folder, "large.arrow")))
    const { keys, data } = await Effect.runPromise(reader.read)
    expect(keys.length === rows && data.length === rows * dims, "all of it was read")
    for (const start of [0, 1_048_575, rows - 10])
      checkRows(start, keys.slice(start, start + 10), data.subarray(start * dims, (start + 10) * dims))
  },
  "read one batch of 2.3 GiB": async (folder) => {
    fs.rmSync(path.join(folder, "large.arrow"))
    const sink = new HashingSink(folder)
    const child = { name: "item", nullable: false, type: { type: "float", bits: 32 } } as const
    const writer = new ArrowFileWriter(sink, [
      { name: "key", nullable: false, type: { type: "utf8" } },
      { name: "values", nullable: false, type: { type: "fixedSizeList", size: dims, child } }
    ])
    const { offsets, bytes } = encodeTexts(keysOf(0, fewerRows))
    const none = new Uint8Array(0)
    const values = bytesOf(fill(0, fewerRows))
    expect(values.byteLength > 2 ** 31, "the batch passes 2 GiB")
    writer.batch(
      fewerRows,
      [fewerRows, fewerRows, fewerRows * dims],
      [none, bytesOf(offsets), bytes, none, none, values]
    )
    writer.finish()
    sink.finish()
    const reader = await Effect.runPromise(openMatrix(sink.path))
    const { keys, data } = await Effect.runPromise(reader.read)
    const last = fewerRows - 10
    checkRows(last, keys.slice(last), data.subarray(last * dims))
    fs.rmSync(sink.path)
  }
}

const all = (parent: string): void => {
  const free = fs.statfsSync(parent)
  if (free.bavail * free.bsize < 6e9) {
    console.log(`skipped: ${parent} has less than 6 GB free; name another folder`)
    return
  }
  const folder = fs.mkdtempSync(path.join(parent, "asterism-scale-"))
  try {
    for (const step of Object.keys(steps)) {
      const begin = performance.now()
      const printed = execFileSync(process.execPath, [process.argv[1], "--step", step, folder], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"]
      })
      console.log(`${step}: ${((performance.now() - begin) / 1000).toFixed(1)} s, peak ${printed.trim()} MB`)
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[2] === "--step") {
  await steps[process.argv[3]](process.argv[4])
  console.log(Math.round((process.resourceUsage().maxRSS * 1024) / 1e6))
} else all(process.argv[2] ?? os.tmpdir())
