/**
 * Compiles kernels that use relaxed SIMD: its fused multiply-add rounds once where the processor has it, which all of the
 * last ten years have. Node 22 and later know it; Node 20 has it behind a flag of its engine, which counts for modules
 * compiled after it was set, in all threads.
 */
import { setFlagsFromString } from "node:v8"

export const compileKernels = (bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module => {
  if (!WebAssembly.validate(bytes)) setFlagsFromString("--experimental-wasm-relaxed-simd")
  return new WebAssembly.Module(bytes)
}
