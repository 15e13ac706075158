import { build } from "esbuild"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { sourceModule } from "../../../../bin/source-module.mjs"
import { completeGraph, randomGraph } from "../../../../compute/margin/graphs.ts"
import { solveDimension } from "../../../../compute/margin/solve/solveDimension.ts"
import type { SearchTask } from "../../../../compute/margin/solve/searchTask.ts"
import { openPool } from "../../../../compute/margin/threads/pool.ts"
import { makeRandom } from "../../../../compute/random/RandomStream.ts"

const program = mkdtempSync(join(tmpdir(), "asterism-search-"))
const before = process.env.ASTERISM_PROGRAM

beforeAll(async () => {
  const thread = new URL("../../../../compute/margin/threads/thread.ts", import.meta.url)
  await build({
    entryPoints: { search: fileURLToPath(thread) },
    outdir: program,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    plugins: [
      {
        name: "source-urls",
        setup: (plugin) => plugin.onLoad({ filter: /\.ts$/ }, ({ path }) => sourceModule(path))
      }
    ]
  })
  process.env.ASTERISM_PROGRAM = program
})

afterAll(() => {
  if (before === undefined) delete process.env.ASTERISM_PROGRAM
  else process.env.ASTERISM_PROGRAM = before
  rmSync(program, { recursive: true, force: true })
})

const task = (seed: string, dims = 3): SearchTask => ({
  threshold: "global",
  dims,
  start: { type: "made", name: "asymmetric", seed },
  schedule: { iterations: 100, fromSharpness: 4, toSharpness: 3000, rate: 0.02 }
})

describe("the search's threads", () => {
  it("a search ends with the same embeddings on one thread, two and three", async () => {
    const a = randomGraph(9, 2, 14, makeRandom("0", "pool"))
    const ends = []
    for (const threads of [1, 2, 3]) {
      const pool = openPool(a, threads)
      expect(pool.size).toBe(threads)
      ends.push(await solveDimension(a, "global", { dims: 3, seed: "same", rounds: 2, pool }))
      await pool.close()
    }
    expect(ends[1]).toEqual(ends[0])
    expect(ends[2]).toEqual(ends[0])
  })

  it("answer in the order of the tasks, whichever ends first, and can be asked again", async () => {
    const a = completeGraph(8, 2)
    const pool = openPool(a, 2)
    const slow = { ...task("slow"), schedule: { ...task("slow").schedule!, iterations: 3000 } }
    const [first, second, third] = await pool.run([slow, task("a"), task("b")])
    const again = await pool.run([task("b"), task("a")])
    expect(again).toEqual([third, second])
    expect(first).not.toEqual(second)
    await pool.close()
  })

  it("a task that fails rejects the whole, with its reason", async () => {
    const a = completeGraph(6, 1)
    const pool = openPool(a, 2)
    const pair = { dims: 3, queries: new Float64Array(1), documents: new Float64Array(1) }
    await expect(pool.run([{ ...task("x"), start: { type: "given", pair } }])).rejects.toThrow(/6 × 6/)
    await pool.close()
  })
})
