/**
 * Encoding and reconstructing a block of rows with a trained dictionary.
 *
 * `encodingProgram` writes activations as their largest `kept` entries: for `topk` that is k, for a threshold the caller's
 * bound on how many features a row may have (a row that fills it is reported, never cut silently). `reconstructionProgram`
 * measures a dictionary with all the features that pass, and returns no codes.
 */
import * as Op from "../program/ops.ts"
import * as Program from "../program/Program.ts"
import type { Tensor } from "../program/Tensor.ts"
import type { Sizes } from "./trainingProgram.ts"
import { hidden, weights } from "./trainingProgram.ts"

/** What stands between activations and codes: nothing, one number that an activation must reach, or one a feature to pass. */
export type Threshold = "none" | "shared" | "each"

/** Activations where they pass, 0 elsewhere. */
const passing = (activations: Tensor, threshold: Threshold, features: number): Tensor => {
  if (threshold === "none") return activations
  const passed =
    threshold === "each"
      ? Op.greater(activations, Op.state("threshold", [features]))
      : Op.greaterEqual(activations, Op.state("threshold", [1]))
  return Op.mul(activations, Op.cast(passed, "float"))
}

/** Input `batch` [B, d]. Outputs: `values` and `indices` [B, kept] (zero beyond what is active, largest first), `error` [B] = ‖x − x̂‖². */
export const encodingProgram = (
  sizes: Sizes,
  options: { readonly kept: number; readonly threshold: Threshold }
): Program.Program<"values" | "indices" | "error"> => {
  const { dims, features, batch } = sizes
  const x = Op.input("batch", [batch, dims])
  const parameters = weights(sizes)
  const passed = passing(hidden(x, parameters), options.threshold, features)
  const { values, indices } = Op.topk(passed, options.kept)
  const kept = Op.relu(values)
  const decoded = Op.add(
    Op.matmul(Op.putAlong(kept, indices, features), parameters.decoder),
    parameters.centre
  )
  const error = Op.sum(Op.square(Op.sub(x, decoded)), { axes: [1] })
  return Program.make("sae/encode", { outputs: { values: kept, indices, error } })
}

/** Input `batch` [B, d]. Outputs: `error` [B] = ‖x − x̂‖², `active` [B], the features that are active, and `residual` [B, d] if asked for. */
export const reconstructionProgram = (
  sizes: Sizes,
  options: {
    /** Keeps the k largest; without it all that pass the threshold. */
    readonly k?: number
    readonly threshold: Threshold
    readonly residual?: boolean
  }
): Program.Program<"error" | "active" | "residual"> => {
  const { dims, features, batch } = sizes
  const x = Op.input("batch", [batch, dims])
  const parameters = weights(sizes)
  const passed = passing(hidden(x, parameters), options.threshold, features)
  const largest = options.k === undefined ? undefined : Op.topk(passed, options.k)
  const values = Op.relu(largest?.values ?? passed)
  const codes = largest === undefined ? values : Op.putAlong(values, largest.indices, features)
  const residual = Op.sub(x, Op.add(Op.matmul(codes, parameters.decoder), parameters.centre))
  const outputs = {
    error: Op.sum(Op.square(residual), { axes: [1] }),
    active: Op.sum(Op.cast(Op.greater(values, 0), "float"), { axes: [1] }),
    ...(options.residual === true ? { residual } : {})
  }
  return Program.make("sae/reconstruct", { outputs }) as Program.Program<"error" | "active" | "residual">
}
