/** Calls of the sparse kernels look at indices, starts and room first: a wrong one throws before anything runs. */
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import * as Calls from "../../../compute/kernels/calls.ts"
import type { Block } from "../../../compute/kernels/KernelPool.ts"
import { KernelPool } from "../../../compute/kernels/KernelPool.ts"

const [rows, k, d, features] = [3, 2, 4, 5]
const settings = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, rate: 0.1, root: 1, decay: 1, floor: undefined }
const good = [0, 4, 2, 1, 3, 0]

let pool: KernelPool
beforeEach(async () => (pool = await KernelPool.make(1)))
afterEach(() => pool.close())

const floats = (length: number): Block => {
  const block = pool.allocate(length)
  pool.floats(block).forEach((_, i, all) => (all[i] = 1 + i / 8))
  return block
}
const integers = (entries: ReadonlyArray<number>): Block => {
  const block = pool.allocate(entries.length)
  pool.integers(block).set(entries)
  return block
}

const prepare = (indices: Block) => {
  const room = pool.allocate(64)
  const [starts, entries] = [pool.allocate(features + 1), pool.allocate(rows * k)]
  const [values, x, weights] = [floats(rows * k), floats(rows * d), floats(features * d)]
  const [w, m, v] = [floats(features * d), floats(features * d), floats(features * d)]
  const scratch = pool.allocate(Calls.adamScratch(features, d))
  const sizes = { rows, k, d }
  return {
    starts,
    entries,
    sparseMatmul: (out = pool.allocate(rows * d)) =>
      Calls.sparseProduct(pool, room, "sparseMatmul", { operand: values, indices, weights, out }, sizes),
    sampledDot: (out = pool.allocate(rows * k)) =>
      Calls.sparseProduct(pool, room, "sampledDot", { operand: x, indices, weights, out }, sizes),
    buckets: () => Calls.buckets(pool, room, { indices, starts, entries }, features),
    sparseAdam: () =>
      Calls.sparseAdam(
        pool,
        room,
        { values, x, starts, entries, w, m, v, scratch },
        { features, k, d },
        settings
      )
  }
}

describe.each(["sparseMatmul", "sampledDot", "buckets"] as const)("%s", (name) => {
  it.each([5, -1, 2 ** 31 - 1, -(2 ** 31)])("refuses the index %d", (bad) => {
    const calls = prepare(integers(good.with(3, bad)))
    expect(() => calls[name]()).toThrow(
      `kernels: an index is ${bad} at row ${name === "buckets" ? "3" : "1, entry 1"}; ${name} takes whole numbers from 0 to 4`
    )
  })

  it("takes good ones", async () => {
    const { link, chunks } = prepare(integers(good))[name]()
    await pool.run([link], chunks)
  })
})

it("room that is too small is refused", () => {
  const calls = prepare(integers(good))
  expect(() => calls.sparseMatmul(pool.allocate(rows * d - 1))).toThrow(
    "sparseMatmul: 11 entries are given where 12 are needed"
  )
  expect(() => calls.sampledDot(pool.allocate(1))).toThrow("1 entries are given where 6 are needed")
  expect(() => prepare(integers(good.slice(1))).sampledDot()).toThrow(
    "5 entries are given where 6 are needed"
  )
})

describe("sparseAdam", () => {
  const bucketed = async () => {
    const calls = prepare(integers(good))
    const { link, chunks } = calls.buckets()
    await pool.run([link], chunks)
    expect([...pool.integers(calls.starts)]).toEqual([0, 2, 3, 4, 5, 6])
    expect([...pool.integers(calls.entries)]).toEqual([0, 5, 3, 2, 4, 1])
    return calls
  }

  it("takes what buckets made", async () => {
    const { link, chunks } = (await bucketed()).sparseAdam()
    await pool.run([link], chunks)
  })

  it.each([
    ["fall", 2, 1, "sparseAdam: row 1 starts at 2 and ends at 1"],
    ["jump", 2, 2 ** 31 - 1, "sparseAdam: row 2 starts at 2147483647 and ends at 4"],
    ["end early", 5, 5, "sparseAdam: rows start at 0 and end at 5, expected 0 and 6"],
    ["start late", 0, 1, "sparseAdam: rows start at 1 and end at 6, expected 0 and 6"]
  ])("refuses starts that %s", async (_what, at, value, message) => {
    const calls = await bucketed()
    pool.integers(calls.starts)[at] = value
    expect(() => calls.sparseAdam()).toThrow(message)
  })

  it.each([6, -1])("refuses the entry %d", async (value) => {
    const calls = await bucketed()
    pool.integers(calls.entries)[4] = value
    expect(() => calls.sparseAdam()).toThrow(
      `kernels: an entry is ${value} at row 4; sparseAdam takes whole numbers from 0 to 5`
    )
  })
})

it.each([NaN, -1, 1.5, Infinity])("room for %d entries is refused", (length) => {
  expect(() => pool.allocate(length)).toThrow(`A kernel cannot have ${length} entries.`)
})
