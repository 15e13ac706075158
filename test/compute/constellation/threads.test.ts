/** A thread of the pair sums that traps or ends: the step fails with a message, and so does every later one. */
import { describe, expect, it, vi } from "vitest"
import { kernelPairs } from "../../../compute/constellation/kernelPairs.ts"
import { contrastiveModule } from "../../../compute/constellation/kernel/module.ts"
import type { PairSums } from "../../../compute/constellation/pairSums.ts"

vi.mock("../../../compute/constellation/kernel/module.ts", () => ({ contrastiveModule: vi.fn() }))

const text = (value: string): ReadonlyArray<number> => [value.length, ...new TextEncoder().encode(value)]
const section = (id: number, ...content: ReadonlyArray<number>): ReadonlyArray<number> => [
  id,
  content.length,
  ...content
]

/** A module in the place of the kernels: its `tile` is `unreachable`; `__heap_base` is 1024. */
const trapping = (heap: boolean): WebAssembly.Module => {
  const sections = [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, 1, 0x60, 0, 0),
    section(2, 1, ...text("env"), ...text("memory"), 2, 0, 0),
    section(3, 1, 0),
    section(6, 1, 0x7f, 0, 0x41, 0x80, 0x08, 0x0b),
    section(7, 2, ...text(heap ? "__heap_base" : "nothing"), 3, 0, ...text("tile"), 0, 0),
    section(10, 1, 3, 0, 0x00, 0x0b)
  ]
  return new WebAssembly.Module(Uint8Array.from(sections.flat()))
}

const [items, dims] = [40, 4]
const step = (pairs: PairSums, part: number): Promise<void> =>
  pairs.add(part, {
    vectors: new Float32Array(2 * items * dims).fill(0.5),
    gradients: new Float32Array(2 * items * dims),
    sums: new Float64Array(5),
    inverseTemperature: 10,
    relativeBias: 0
  })

describe("a thread of the pair sums", () => {
  it.each([
    ["traps", true, "A kernel thread ended: unreachable."],
    ["ends before its first part", false, "A kernel thread ended: Cannot read properties of undefined"]
  ])(
    "%s",
    async (_what, heap, message) => {
      vi.mocked(contrastiveModule).mockReturnValue(trapping(heap))
      const pairs = kernelPairs(items, dims, { tile: 8, threads: 2 })
      expect(pairs.parts).toBe(5)
      for (const part of [0, 1, 4, 0]) await expect(step(pairs, part)).rejects.toThrow(message)
      await pairs.close()
    },
    10_000
  )

  it("more than a kernel addresses is refused before a thread starts", () => {
    expect(() => kernelPairs(10_000_000, 64)).toThrow(
      "10000000 items of 64 dimensions need 4884 MiB a thread, and a kernel addresses 4,096."
    )
  })
})
