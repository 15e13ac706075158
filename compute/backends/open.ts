/** From the user's choice to a running engine. Engines are loaded here and nowhere else, when they are asked for. */
import { InputError } from "../../schemas/errors.ts"
import type { Engine } from "../Engine.ts"

/** What the user chose: the shape of `engine/services/Backend`, which `compute` does not import. */
export interface Choice {
  readonly backend: "onnx" | "tfjs" | "reference"
  readonly device: "cpu" | "cuda" | "webgpu"
  /** Threads on a CPU; all cores by default. Results do not depend on it. */
  readonly threads?: number
}

/** Opens a backend. Rejects with an `InputError` where the device or a package is missing: nothing falls back silently. */
export const openBackend = async (choice: Choice): Promise<Engine> => {
  switch (choice.backend) {
    case "reference": {
      if (choice.device !== "cpu") {
        throw new InputError({
          what: `The reference backend has no device '${choice.device}'.`,
          where: "--device",
          expected: "cpu",
          next: "leave --device out, or choose --backend onnx"
        })
      }
      return (await import("./reference/engine.ts")).makeReference()
    }
    case "onnx":
      return (await import("./onnx/engine.ts")).makeOnnx(choice)
    case "tfjs": {
      if (choice.device === "webgpu") {
        throw new InputError({
          what: "The tfjs backend has no device 'webgpu' in Node.",
          where: "--device",
          expected: "cpu or cuda",
          next: "choose --backend onnx --device webgpu"
        })
      }
      const { makeTfjs } = await import("./tfjs/engine.ts")
      return makeTfjs(choice.device === "cuda" ? "node-gpu" : "wasm")
    }
  }
}
