/**
 * Encoding and reconstructing a block of rows with a trained dictionary.
 *
 * Every activation is written as its largest `kept` entries: for `topk` that is k, for a threshold the caller's bound on
 * how many features a row may have (a row that fills it is reported, never cut silently).
 */
import * as Op from "../program/ops.ts"
import * as Program from "../program/Program.ts"
import type { Sizes } from "./trainingProgram.ts"
import { hidden, weights } from "./trainingProgram.ts"

export type Threshold = "none" | "shared" | "each"

/**
 * Input `batch` [B, d]. Outputs: `values` and `indices` [B, kept] (zero beyond what is active, largest first), `error` [B]
 * = ‖x − x̂‖², and `residual` [B, d] where asked for.
 */
export const encodingProgram = (
  sizes: Sizes,
  options: { readonly kept: number; readonly threshold: Threshold; readonly residual?: boolean }
): Program.Program<"values" | "indices" | "error" | "residual"> => {
  const { dims, features, batch } = sizes
  const x = Op.input("batch", [batch, dims])
  const parameters = weights(sizes)
  const activations = hidden(x, parameters)
  const passed =
    options.threshold === "none"
      ? activations
      : Op.mul(
          activations,
          Op.cast(
            Op.greater(activations, Op.state("threshold", [options.threshold === "each" ? features : 1])),
            "float"
          )
        )
  const { values, indices } = Op.topk(passed, options.kept)
  const kept = Op.relu(values)
  const decoded = Op.add(
    Op.matmul(Op.putAlong(kept, indices, features), parameters.decoder),
    parameters.centre
  )
  const residual = Op.sub(x, decoded)
  const outputs = {
    values: kept,
    indices,
    error: Op.sum(Op.square(residual), { axes: [1] }),
    ...(options.residual === true ? { residual } : {})
  }
  return Program.make("sae/encode", { outputs }) as Program.Program<
    "values" | "indices" | "error" | "residual"
  >
}
