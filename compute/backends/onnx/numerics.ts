/**
 * What the results of the onnx backend depend on besides its code, without loading it. On a CPU the engine's kernels and
 * ours take part: the engine chooses its own by the processor's instruction set, ours round as the processor multiplies
 * and adds. On a graphics card the card chooses.
 */
import type { Numerics } from "../../Engine.ts"
import { graphicsCards } from "../../graphicsCards.ts"
import { fusedMultiplyAdd, instructionSet } from "../../processor.ts"
import type { Device } from "./runtime.ts"
import { engineVersion } from "./version.ts"

export const onnxNumerics = (device: Device): Numerics => ({
  family: "onnx",
  precision: "float32",
  device,
  engine: `onnxruntime ${engineVersion()}`,
  ...(device === "cpu" ? { instructionSet: instructionSet(), fma: fusedMultiplyAdd() } : {}),
  ...(device === "cuda" ? { card: graphicsCards() } : {})
})
