/** What goes wrong in a kernel or its thread ends the call with a message; nothing waits for ever. */
import { afterEach, describe, expect, it } from "vitest"
import { KernelPool } from "../../../compute/kernels/KernelPool.ts"
import type { Thread } from "../../../compute/kernels/thread.ts"
import { FunctionBuilder } from "../../../compute/kernels/wasmModule.ts"

const pools: Array<KernelPool> = []
const poolOf = async (threads: number): Promise<KernelPool> => {
  const pool = await KernelPool.make(threads)
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))

/** Reads past the end of memory in every chunk. */
const trapping = (): Uint8Array<ArrayBuffer> => {
  const f = new FunctionBuilder()
  const value = f.local("v128")
  f.i32(-16).load().set(value)
  return f.build()
}

/** Never ends in chunk 0, and does nothing in the others. */
const endless = (): Uint8Array<ArrayBuffer> => {
  const f = new FunctionBuilder()
  const [zero, first] = [f.local("i32"), f.local("i32")]
  f.get(1).i32(1).integer("lt_u").set(first)
  f.whileBelow(zero, first, () => undefined)
  return f.build()
}

/** Does nothing for a while, so that another thread takes the first chunks. */
const sleep = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

/** Does nothing. */
const idle = (): Uint8Array<ArrayBuffer> => new FunctionBuilder().build()

const threadsOf = (pool: KernelPool): ReadonlyArray<Thread> => Reflect.get(pool, "threads")

const trapped = /^A kernel failed: memory access out of bounds\./
const limit = 10_000

describe("a kernel that traps", () => {
  it.each([
    ["on the only thread", 1, 0],
    ["on this thread, beside others", 3, 0],
    ["on another thread", 2, 300]
  ])(
    "%s fails the call and all later ones",
    async (_where, threads, head) => {
      const pool = await poolOf(threads)
      const block = pool.allocate(16)
      const bad = pool.add(trapping())
      const good = pool.add(idle())
      const call = pool.run([{ which: bad, arguments: block }], 64, () => sleep(head))
      await expect(call).rejects.toThrow(trapped)
      await expect(pool.run([{ which: good, arguments: block }], 1)).rejects.toThrow(trapped)
    },
    limit
  )
})

describe("a kernel thread that ends", () => {
  it(
    "in the middle of a call fails the call and all later ones",
    async () => {
      const pool = await poolOf(3)
      const block = pool.allocate(16)
      const which = pool.add(endless())
      let ended: Promise<unknown> = Promise.resolve()
      const call = pool.run([{ which, arguments: block }], 64, () => {
        sleep(300) // By now one of the others is in chunk 0, for good.
        ended = Promise.all(threadsOf(pool).map((thread) => thread.close()))
      })
      await expect(call).rejects.toThrow(/^A kernel failed: a thread ended \(it ended with code 1\)\./)
      await ended
      await expect(pool.run([{ which: pool.add(idle()), arguments: block }], 1)).rejects.toThrow(
        "a thread ended"
      )
    },
    limit
  )

  it(
    "between calls fails the next one",
    async () => {
      const pool = await poolOf(2)
      const block = pool.allocate(16)
      await threadsOf(pool)[0]!.close()
      await expect(pool.run([{ which: pool.add(idle()), arguments: block }], 64)).rejects.toThrow(
        "a thread ended"
      )
    },
    limit
  )
})

it("a call after the pool was closed fails", async () => {
  const pool = await poolOf(2)
  const block = pool.allocate(16)
  const which = pool.add(idle())
  await pool.close()
  await expect(pool.run([{ which, arguments: block }], 64)).rejects.toThrow("its threads are closed")
})

it("calls that overlap take turns", async () => {
  const pool = await poolOf(2)
  const block = pool.allocate(16)
  const which = pool.add(idle())
  const order: Array<number> = []
  const calls = [1, 2, 3].map((at) =>
    pool.run([{ which, arguments: block }], 0, () => order.push(at)).then(() => order.push(-at))
  )
  await Promise.all(calls)
  expect(order).toEqual([1, -1, 2, -2, 3, -3])
})
