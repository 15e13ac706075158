import { expect, it } from "vitest"
import { KernelPool } from "../../../compute/kernels/KernelPool.ts"

it("more memory than WebAssembly addresses is refused with what to do, and what fits still fits", async () => {
  const pool = await KernelPool.make(1)
  expect(() => pool.allocate(2 ** 30 + 1)).toThrow(
    /The kernels need \d+ MiB, and WebAssembly addresses 4,096: use a smaller dictionary/
  )
  expect(pool.floats(pool.allocate(8))).toEqual(new Float32Array(8))
  await pool.close()
})
