/** What a backend says its numbers depend on, with and without opening it. */
import { existsSync, readFileSync } from "node:fs"
import { arch, platform } from "node:os"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { knownNumerics } from "../../../compute/backends/numerics.ts"
import { openBackend } from "../../../compute/backends/open.ts"
import { fusedMultiplyAdd, instructionSet, widest } from "../../../compute/processor.ts"
import { provenanceOf } from "../../../engine/run/provenance.ts"
import { bundle } from "../../support/program.ts"

const backends = ["onnx", "tfjs", "reference"] as const

/** Whether the engine's library is in this process, where the system tells. */
const loaded = (): boolean | undefined =>
  existsSync("/proc/self/maps")
    ? readFileSync("/proc/self/maps", "utf8").includes("libonnxruntime")
    : undefined

describe("C31 - numerics on a CPU", () => {
  it("are what the open engine says of itself, and known without loading it", async () => {
    const known = backends.map((backend) => knownNumerics({ backend, device: "cpu" }))
    expect(loaded() ?? false).toBe(false)
    for (const [at, backend] of backends.entries()) {
      const engine = await openBackend({ backend, device: "cpu" })
      expect(known[at]).toEqual(engine.numerics)
      await engine.close()
    }
    expect(loaded() ?? true).toBe(true)
  })

  it("carry the instruction set and fused multiply-add where kernels choose by them", () => {
    expect(knownNumerics({ backend: "onnx", device: "cpu" })).toMatchObject({
      instructionSet: provenanceOf(null).instructionSet,
      fma: fusedMultiplyAdd()
    })
    expect(knownNumerics({ backend: "tfjs", device: "cpu" })).toMatchObject({ instructionSet: arch() })
    expect(Object.keys(knownNumerics({ backend: "reference", device: "cpu" })!)).toEqual([
      "family",
      "precision",
      "device",
      "engine"
    ])
  })

  it.each([["onnx"], ["tfjs"], ["reference"]] as const)("of %s on a GPU need the GPU", (backend) => {
    expect(knownNumerics({ backend, device: "cuda" })).toBeUndefined()
    expect(knownNumerics({ backend, device: "webgpu" })).toBeUndefined()
  })
})

describe("C31 - the processor", () => {
  it("has the widest set of which all parts are there", () => {
    const set = (...flags: ReadonlyArray<string>): string => widest("x64", new Set(flags))
    expect(set("sse4_2", "avx", "avx2", "fma", "avx512f")).toBe("x64 avx512f")
    expect(set("sse4_2", "avx", "avx2", "fma")).toBe("x64 avx2")
    expect(set("sse4_2", "avx", "avx2", "avx512f")).toBe("x64 avx")
    expect(set("sse4_2")).toBe("x64 sse4_2")
    expect(set()).toBe("x64")
    expect(widest("arm64", new Set(["fp", "asimd", "sve"]))).toBe("arm64 sve")
    expect(widest("riscv64", new Set(["avx2"]))).toBe("riscv64")
    expect(instructionSet().split(" ")[0]).toBe(arch())
  })

  it("is asked how it multiplies and adds: an engine told to do without says so", async () => {
    const program = await bundle(new URL("./programs/multiplyAdd.ts", import.meta.url))
    const ask = async (...flags: ReadonlyArray<string>): Promise<string> =>
      (await promisify(execFile)(process.execPath, [...flags, program])).stdout.trim()
    expect(await ask()).toBe(fusedMultiplyAdd())
    if (arch() !== "x64") return
    expect(await ask("--no-enable-fma3")).toBe("separate")
    if (platform() === "linux" && / fma /.test(readFileSync("/proc/cpuinfo", "utf8")))
      expect(await ask()).toBe("fused")
  })
})
