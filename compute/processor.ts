/** What of the processor can change bytes: the vector instructions that native kernels choose by, and multiply-add. */
import { readFileSync } from "node:fs"
import { arch, platform } from "node:os"
import { compileKernels } from "./kernels/relaxedSimd.ts"

/** The sets that native kernels choose by, widest first, each with all flags it takes: `fma` goes with `avx2`. */
const sets: {
  readonly [architecture: string]: ReadonlyArray<readonly [name: string, ...flags: Array<string>]>
} = {
  x64: [
    ["avx512f", "avx512f", "avx2", "fma"],
    ["avx2", "avx2", "fma"],
    ["avx", "avx"],
    ["sse4_2", "sse4_2"]
  ],
  arm64: [
    ["sme", "sme"],
    ["sve", "sve"],
    ["asimd", "asimd"]
  ]
}

/** The widest set that a processor with these flags has, such as `x64 avx2`; the architecture alone where none is known. */
export const widest = (architecture: string, flags: ReadonlySet<string>): string => {
  const found = sets[architecture]?.find(([, ...needed]) => needed.every((flag) => flags.has(flag)))
  return found === undefined ? architecture : `${architecture} ${found[0]}`
}

const flagsOf = (): ReadonlySet<string> => {
  if (platform() !== "linux") return new Set()
  try {
    const text = readFileSync("/proc/cpuinfo", "utf8")
    return new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.split(" "))
  } catch {
    // No such file: the architecture is all we know.
    return new Set()
  }
}

let instructions: string | undefined

/** The widest vector instructions, which decide how sums are ordered in native kernels. Known on Linux only. */
export const instructionSet = (): string => (instructions ??= widest(arch(), flagsOf()))

/**
 * (memory) → memory: x · y + z and z − x · y of the floats at 0, 16 and 32, by relaxed SIMD, to 48 and 64.
 *
 * `(v128.store (i32.const 48) (f32x4.relaxed_madd (v128.load (i32.const 0)) …))`, then the same with `relaxed_nmadd`.
 */
const probe = (): WebAssembly.Exports => {
  const load = (at: number): ReadonlyArray<number> => [0x41, at, 0xfd, 0x00, 4, 0]
  const operands = [load(0), load(16), load(32)].flat()
  const store = (at: ReadonlyArray<number>, opcode: number): ReadonlyArray<number> =>
    [[0x41], at, operands, [0xfd, opcode, 0x02], [0xfd, 0x0b, 4, 0]].flat()
  const body = [[0], store([0x30], 0x85), store([0xc0, 0x00], 0x86), [0x0b]].flat()
  const sections = [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    [0x01, 4, 1, 0x60, 0, 0],
    [0x03, 2, 1, 0],
    [0x05, 3, 1, 0, 1],
    [0x07, 9, 2, 1, 0x6d, 0x02, 0, 1, 0x66, 0x00, 0],
    [0x0a, body.length + 2, 1, body.length],
    body
  ]
  const module = compileKernels(Uint8Array.from(sections.flat()))
  return new WebAssembly.Instance(module).exports
}

export type MultiplyAdd = "fused" | "separate" | "mixed" | "absent"

let answer: MultiplyAdd | undefined

/**
 * Whether the multiply-add of relaxed SIMD rounds once (fused) or after the product too (separate), on this processor and
 * engine: WebAssembly leaves it open. Tried, not looked up: (1 + 2⁻¹²)² = 1 + 2⁻¹¹ + 2⁻²⁴ loses its last term in float32.
 * Absent where the engine does not compile it: then no kernel of ours runs.
 */
export const fusedMultiplyAdd = (): MultiplyAdd => (answer ??= tried())

const tried = (): MultiplyAdd => {
  let exports: WebAssembly.Exports
  try {
    exports = probe()
  } catch {
    return "absent"
  }
  const { m, f } = exports as { readonly m: WebAssembly.Memory; readonly f: () => void }
  const floats = new Float32Array(m.buffer)
  const [factor, rounded] = [1 + 2 ** -12, 1 + 2 ** -11]
  const fusedAt = (sign: 1 | -1): boolean => {
    floats.fill(factor, 0, 8)
    floats.fill(-sign * rounded, 8, 12)
    f()
    return floats[sign === 1 ? 12 : 16] !== 0
  }
  // x · y − rounded, and rounded − x · y.
  const [added, subtracted] = [fusedAt(1), fusedAt(-1)]
  return added !== subtracted ? "mixed" : added ? "fused" : "separate"
}
