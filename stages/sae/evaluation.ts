/** Measuring a dictionary on held-out rows while it is trained. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ComputeShape } from "../../compute/Compute.ts"
import type { Handle, HostTensor } from "../../compute/Engine.ts"
import type { Activation } from "../../compute/sae/activation.ts"
import { reconstructionProgram } from "../../compute/sae/encodingProgram.ts"
import type { Sizes } from "../../compute/sae/trainingProgram.ts"
import type { StageFailure } from "../../schemas/errors.ts"
import type { Matrix } from "../../schemas/Matrix.ts"
import type { Measured } from "./curve.ts"
import { gatherRows } from "./rows.ts"

export interface Evaluator {
  readonly measure: Effect.Effect<Measured, StageFailure>
  /** x − x̂ of the named rows, [n, d]. */
  readonly residuals: (rows: ReadonlyArray<number>) => Effect.Effect<Float32Array, StageFailure>
}

/** Rows in blocks of one size: the last one is filled up with its first row, and the filling is not counted. */
const blocksOf = (
  rows: ArrayLike<number>,
  size: number
): ReadonlyArray<{ readonly rows: Uint32Array; readonly count: number }> =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, block) => {
    const start = block * size
    const count = Math.min(size, rows.length - start)
    return {
      rows: Uint32Array.from({ length: size }, (_unused, i) => rows[start + (i < count ? i : 0)]!),
      count
    }
  })

export const evaluator = (
  compute: ComputeShape,
  matrix: Matrix<Float32Array>,
  validation: Uint32Array,
  sizes: Sizes,
  activation: Activation,
  state: { readonly [name: string]: Handle }
): Effect.Effect<Evaluator, StageFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const threshold = { topk: "none", batchtopk: "shared", jumprelu: "each" } as const
    // Where a threshold decides, every feature that passes it counts, however many they are.
    const options = {
      ...(activation.type === "topk" ? { k: activation.k } : {}),
      threshold: threshold[activation.type]
    }
    const reconstruct = yield* compute.compile(reconstructionProgram(sizes, options))
    const withResidual = yield* compute.compile(reconstructionProgram(sizes, { ...options, residual: true }))

    /** The dictionary's handles, with JumpReLU's trained logarithms turned into thresholds. */
    const dictionary = Effect.gen(function* () {
      if (activation.type !== "jumprelu") return state
      const logs = yield* compute.read(state.logThreshold!)
      return {
        ...state,
        threshold: yield* compute.upload({ ...logs, data: logs.data.map(Math.exp) as Float32Array })
      }
    })

    let spread = 0
    const mean = new Float64Array(sizes.dims)
    for (const row of validation) {
      for (let j = 0; j < sizes.dims; j++) mean[j]! += matrix.data[row * sizes.dims + j]! / validation.length
    }
    for (const row of validation) {
      for (let j = 0; j < sizes.dims; j++) spread += (matrix.data[row * sizes.dims + j]! - mean[j]!) ** 2
    }

    return {
      measure: Effect.scoped(
        Effect.gen(function* () {
          const handles = yield* dictionary
          let [squares, active] = [0, 0]
          for (const { rows, count } of blocksOf(validation, sizes.batch)) {
            const measured = yield* reconstruct.run({ ...handles, batch: gatherRows(matrix, rows) })
            for (let i = 0; i < count; i++) {
              squares += measured.error.data[i]!
              active += measured.active.data[i]!
            }
          }
          return {
            loss: squares / (validation.length * sizes.dims),
            explainedVariance: 1 - squares / spread,
            active: active / validation.length
          }
        })
      ),
      residuals: (chosen) =>
        Effect.scoped(
          Effect.gen(function* () {
            const handles = yield* dictionary
            const out = new Float32Array(chosen.length * sizes.dims)
            let at = 0
            for (const { rows, count } of blocksOf(chosen, sizes.batch)) {
              const { residual }: { readonly residual: HostTensor } = yield* withResidual.run({
                ...handles,
                batch: gatherRows(matrix, rows)
              })
              out.set((residual.data as Float32Array).subarray(0, count * sizes.dims), at)
              at += count * sizes.dims
            }
            return out
          })
        )
    }
  })
