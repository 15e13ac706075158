/**
 * What the numbers of a backend depend on besides its code: the same values as an open engine gives of itself, for the
 * choices that need no opening. A GPU is opened elsewhere, because only that tells whether it is there.
 */
import { InputError } from "../../schemas/errors.ts"
import type { Numerics } from "../Engine.ts"
import { onnxNumerics } from "./onnx/numerics.ts"
import type { Choice } from "./open.ts"
import { referenceNumerics } from "./reference/numerics.ts"
import { packageOf, tfjsNumerics } from "./tfjs/numerics.ts"
import { packageVersion } from "./tfjs/runtime.ts"

/** Undefined where the backend must be opened to know. Fails with an `InputError` where its package is not installed. */
export const knownNumerics = ({ backend, device }: Choice): Numerics | undefined => {
  if (device !== "cpu") return undefined
  const name = { onnx: "onnxruntime-node", tfjs: packageOf("wasm"), reference: undefined }[backend]
  if (name !== undefined && packageVersion(name) === undefined) {
    throw new InputError({
      what: `The package ${name}, which the backend '${backend}' runs on, is not installed.`,
      where: "--backend",
      next: "npm install, or choose another --backend; 'asterism doctor' shows what this machine can run"
    })
  }
  switch (backend) {
    case "onnx":
      return onnxNumerics(device)
    case "tfjs":
      return tfjsNumerics("wasm")
    case "reference":
      return referenceNumerics
  }
}
