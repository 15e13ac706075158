/**
 * onnxruntime-node, loaded on demand, with the options that make runs repeatable: sequential execution, threads that do
 * not spin between runs, and no silent move of work from a GPU to the CPU.
 */
import type * as Ort from "onnxruntime-node"
import * as os from "node:os"
import { InputError } from "../../../schemas/errors.ts"
import { ModelBuilder } from "./model.ts"

export type Device = "cpu" | "cuda" | "webgpu"

const absent = (device: Device, detail: string): InputError =>
  new InputError({
    what: `onnxruntime cannot run on '${device}' here: ${detail}`,
    where: "--device",
    expected:
      device === "cuda" ? "the CUDA libraries of onnxruntime-node and an NVIDIA GPU" : `a ${device} device`,
    next: "run 'asterism doctor', or choose --device cpu; nothing falls back on its own"
  })

export interface Runtime {
  readonly ort: typeof Ort
  readonly device: Device
  readonly session: (model: Uint8Array) => Promise<Ort.InferenceSession>
}

/** Loads the engine and checks the device by running something on it. */
export const loadRuntime = async (device: Device, threads = os.availableParallelism()): Promise<Runtime> => {
  // Unless told not to, the engine reports its use to its maker, and keeps a database for that in the user's home.
  process.env.ORT_DISABLE_TELEMETRY ??= "1"
  // A CommonJS package: its exports are the default of the namespace.
  const loaded = (await import("onnxruntime-node")) as typeof Ort & { readonly default?: typeof Ort }
  const ort = loaded.default ?? loaded
  const options: Ort.InferenceSession.SessionOptions = {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 3,
    extra: {
      session: {
        intra_op: { allow_spinning: "0" },
        ...(device === "cpu" ? {} : { disable_cpu_ep_fallback: "1" })
      }
    }
  }
  if (device !== "cpu" && !ort.listSupportedBackends().some(({ name }) => name === device)) {
    throw absent(device, "this build does not include it.")
  }
  const runtime: Runtime = {
    ort,
    device,
    session: async (model) => {
      try {
        return await ort.InferenceSession.create(model, options)
      } catch (cause) {
        if (device === "cpu") throw cause
        throw absent(device, cause instanceof Error ? cause.message : String(cause))
      }
    }
  }
  if (device !== "cpu") await probe(runtime)
  return runtime
}

/** Multiplies two small matrices on the device, so that a missing one is told at once and not in the middle of a study. */
const probe = async (runtime: Runtime): Promise<void> => {
  const model = new ModelBuilder()
  model.input("x", [2, 2], "float")
  model.node("MatMul", ["x", "x"], {}, "y")
  model.output("y", [2, 2], "float")
  const session = await runtime.session(model.build("probe"))
  try {
    await session.run({ x: new runtime.ort.Tensor("float32", Float32Array.of(1, 2, 3, 4), [2, 2]) })
  } catch (cause) {
    throw absent(runtime.device, cause instanceof Error ? cause.message : String(cause))
  } finally {
    await session.release()
  }
}
