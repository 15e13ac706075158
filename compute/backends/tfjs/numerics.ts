/**
 * What the results of the tfjs backend depend on besides its code, without loading it. Its WebAssembly build is plain SIMD
 * on one thread; the library inside still looks which family of processors it is on.
 */
import { arch } from "node:os"
import type { Numerics } from "../../Engine.ts"
import { graphicsCards } from "../../graphicsCards.ts"
import type { Flavour } from "./runtime.ts"
import { packageVersion } from "./runtime.ts"

/** The package that a flavour runs on. */
export const packageOf = (flavour: Flavour): string =>
  flavour === "node-gpu" ? "@tensorflow/tfjs-node-gpu" : `@tensorflow/tfjs-backend-${flavour}`

export const tfjsNumerics = (flavour: Flavour): Numerics => {
  const source = packageOf(flavour)
  return {
    family: "tfjs",
    precision: "float32",
    device: flavour === "node-gpu" ? "cuda" : "cpu",
    engine: `${source} ${packageVersion(source) ?? "unknown"}`,
    ...(flavour === "node-gpu" ? { card: graphicsCards() } : { instructionSet: arch() })
  }
}
