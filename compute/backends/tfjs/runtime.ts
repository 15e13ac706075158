/**
 * TensorFlow.js, loaded on demand: its wasm or plain build on a CPU, `@tensorflow/tfjs-node-gpu` on CUDA. The latter is an
 * optional peer dependency: its install script fetches native code, and its last release does not run on Node 23 or later.
 */
import type * as TfCore from "@tensorflow/tfjs-core"
import type * as TfWasm from "@tensorflow/tfjs-backend-wasm"
import { createRequire } from "node:module"
import { InputError } from "../../../schemas/errors.ts"

export type Tf = typeof TfCore
type Wasm = typeof TfWasm
export type Flavour = "wasm" | "cpu" | "node-gpu"

export interface TfRuntime {
  readonly tf: Tf
  readonly flavour: Flavour
  /** Makes this runtime's backend the current one. */
  readonly activate: () => Promise<void>
}

const gpuPackage = "@tensorflow/tfjs-node-gpu"

/** The version of the installed package, without loading it; none where it is absent. */
export const packageVersion = (name: string): string | undefined => {
  const require = createRequire(import.meta.url)
  try {
    return (require(`${name}/package.json`) as { readonly version: string }).version
  } catch {
    return undefined
  }
}

const refuse = (what: string, next: string): InputError =>
  new InputError({
    what,
    where: "--backend tfjs --device cuda",
    expected: `${gpuPackage} on Node 20 or 22`,
    next
  })

/** Why tfjs cannot run on CUDA here, as far as can be told without loading it. */
export const gpuObstacle = (
  nodeVersion: string = process.versions.node,
  version: string | undefined = packageVersion(gpuPackage)
): InputError | undefined => {
  const major = Number(nodeVersion.split(".")[0])
  if (major >= 23) {
    return refuse(
      `${gpuPackage} does not run on Node ${nodeVersion}.`,
      "use Node 20 or 22, or --backend onnx --device cuda"
    )
  }
  return version === undefined
    ? refuse(
        `${gpuPackage} is not installed.`,
        `npm install ${gpuPackage}@4.22.0, or choose --backend onnx --device cuda`
      )
    : undefined
}

/** A module's own exports: CommonJS packages are the default of their namespace. */
const own = <M>(module: M & { readonly default?: M }): M => module.default ?? module

const loadGpu = async (): Promise<Tf> => {
  const obstacle = gpuObstacle()
  if (obstacle !== undefined) throw obstacle
  // A name in a variable: the package is optional, and neither the type checker nor the bundler looks for it.
  const name: string = gpuPackage
  try {
    return own((await import(name)) as Tf & { readonly default?: Tf })
  } catch (cause) {
    throw refuse(
      `${gpuPackage} does not load: ${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)}`,
      "reinstall it with its install script, and check the CUDA libraries it asks for"
    )
  }
}

export const loadTf = async (flavour: Flavour): Promise<TfRuntime> => {
  if (flavour === "node-gpu") {
    const tf = await loadGpu()
    if (tf.getBackend() !== "tensorflow") {
      throw refuse(`${gpuPackage} did not start its GPU backend.`, "check that TensorFlow sees the GPU")
    }
    return { tf, flavour, activate: async () => void (await tf.setBackend("tensorflow")) }
  }
  const tf = own((await import("@tensorflow/tfjs-core")) as Tf & { readonly default?: Tf })
  // Without it the plain backend advertises another package on standard error.
  tf.env().set("PROD", true)
  if (flavour === "wasm") {
    const wasm = await import("@tensorflow/tfjs-backend-wasm")
    // One thread: the threaded build gains nothing in Node, and one thread adds in one order.
    own(wasm as unknown as Wasm & { readonly default?: Wasm }).setThreadsCount(1)
  } else await import("@tensorflow/tfjs-backend-cpu")
  const activate = async (): Promise<void> => {
    if (tf.getBackend() === flavour) return
    if (!(await tf.setBackend(flavour))) throw new Error(`TensorFlow.js cannot start its ${flavour} backend`)
  }
  await activate()
  return { tf, flavour, activate }
}
