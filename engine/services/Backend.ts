/** Which backend and device the user chose for stages that compute; `compute/` turns it into a running engine. */
import * as Context from "effect/Context"

export interface BackendChoice {
  readonly backend: "onnx" | "tfjs" | "reference"
  readonly device: "cpu" | "cuda" | "webgpu"
}

export class Backend extends Context.Service<Backend, BackendChoice>()("asterism/Backend") {}
