/**
 * What results depend on besides a program, without opening an engine: the numerics component of a fingerprint.
 *
 * The caller adds the code hash of `numericsSources`: the modules where the chosen backend's closure (kernels included) and
 * the tensor-program layer's begin.
 */
import type { Choice } from "./backends/open.ts"
import type { Numerics } from "./Engine.ts"
import { engineVersion } from "./backends/onnx/version.ts"
import { packageVersion } from "./backends/tfjs/runtime.ts"

/** Family, precision, device class and exact engine version. */
export const numericsOf = (choice: Choice): Numerics => {
  switch (choice.backend) {
    case "reference":
      return { family: "reference", precision: "float64", device: "cpu", engine: "asterism reference" }
    case "onnx":
      return {
        family: "onnx",
        precision: "float32",
        device: choice.device,
        engine: `onnxruntime ${engineVersion()}`
      }
    case "tfjs": {
      const name = choice.device === "cuda" ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-backend-wasm"
      return {
        family: "tfjs",
        precision: "float32",
        device: choice.device,
        engine: `${name} ${packageVersion(name) ?? "absent"}`
      }
    }
  }
}

/** URLs of the modules whose closures, together, are the code behind the numbers. */
export const numericsSources = (choice: Choice): ReadonlyArray<string> => [
  new URL(`./backends/${choice.backend}/engine.ts`, import.meta.url).href,
  new URL("./program/Program.ts", import.meta.url).href
]
