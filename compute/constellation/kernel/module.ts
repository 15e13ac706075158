/** The compiled kernels of contrastive.c, once a process. */
import { readFileSync } from "node:fs"
import { compileKernels } from "../../kernels/relaxedSimd.ts"

let compiled: WebAssembly.Module | undefined

export const contrastiveModule = (): WebAssembly.Module =>
  (compiled ??= compileKernels(new Uint8Array(readFileSync(new URL("./contrastive.wasm", import.meta.url)))))
