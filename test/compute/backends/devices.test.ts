/** A device or package that is not there is refused with a message; nothing falls back on its own. */
import { describe, expect, it } from "vitest"
import { openBackend } from "../../../compute/backends/open.ts"
import { gpuObstacle } from "../../../compute/backends/tfjs/runtime.ts"
import * as Op from "../../../compute/program/ops.ts"
import * as Program from "../../../compute/program/Program.ts"
import { existsSync, readdirSync, readlinkSync } from "node:fs"

describe("devices", () => {
  it.each([
    [{ backend: "reference", device: "cuda" }, "The reference backend has no device 'cuda'"],
    [{ backend: "tfjs", device: "webgpu" }, "The tfjs backend has no device 'webgpu'"],
    [{ backend: "tfjs", device: "cuda" }, "@tensorflow/tfjs-node-gpu"]
  ] as const)("%o is refused", async (choice, message) => {
    await expect(openBackend(choice)).rejects.toThrow(message)
  })

  it("onnx on cuda without its libraries is refused when it is opened", async () => {
    await expect(openBackend({ backend: "onnx", device: "cuda" })).rejects.toThrow(
      "onnxruntime cannot run on 'cuda' here"
    )
  })

  it("onnx does not report its use to anybody", async () => {
    const engine = await openBackend({ backend: "onnx", device: "cpu" })
    const x = Op.input("x", [2, 2])
    await engine.compile(Program.make("any", { outputs: { y: Op.matmul(x, x) } }))
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe("1")
    if (existsSync("/proc/self/fd")) {
      const open = readdirSync("/proc/self/fd").flatMap((name) => {
        try {
          return [readlinkSync(`/proc/self/fd/${name}`)]
        } catch {
          return [] // Closed since.
        }
      })
      expect(open.filter((path) => path.endsWith("onnxruntime.db"))).toEqual([])
    }
    await engine.close()
  })

  it("tfjs on CUDA says what is missing", () => {
    expect(gpuObstacle("24.1.0", "4.22.0")?.message).toContain("does not run on Node 24.1.0")
    expect(gpuObstacle("20.19.0", undefined)?.message).toContain(
      "npm install @tensorflow/tfjs-node-gpu@4.22.0"
    )
    expect(gpuObstacle("20.19.0", "4.22.0")).toBeUndefined()
  })
})
