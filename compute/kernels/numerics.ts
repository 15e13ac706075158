/** What the numbers of a stage depend on whose kernels use the multiply-add of relaxed SIMD, outside any backend. */
import { fusedMultiplyAdd } from "../processor.ts"

export const kernelNumerics = (): { readonly [name: string]: string } => ({
  kernels: "float32 WebAssembly",
  fma: fusedMultiplyAdd()
})
