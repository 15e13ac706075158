/**
 * Maps two paired views into one space by linear adapters trained with the sigmoid loss, and keeps every fifth common row
 * out of the training: the geometry of trained and of unseen pairs can be compared.
 *
 * Views are centred and scaled to unit rows first. See `compute/constellation/linearAdapters.ts`.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { adapterTraining, type View } from "../../compute/constellation/linearAdapters.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import type { Matrix } from "../../schemas/Matrix.ts"
import { Series } from "../../schemas/Series.ts"
import { drive } from "./drive.ts"
import { openTraining } from "./openTraining.ts"
import { above0, amount, count } from "./params.ts"

export const adapt = Stage.make("constellation/adapt", {
  description: "Trains linear adapters that map two paired views into one space.",
  source: import.meta.url,
  params: Schema.Struct({
    dims: count(64),
    batch: count(512),
    steps: count(2000),
    learningRate: above0(1e-3),
    inverseTemperature: above0(10),
    relativeBias: amount(0.2)
  }),
  inputs: { left: Embeddings, right: Embeddings },
  outputs: {
    left: Embeddings,
    right: Embeddings,
    leftHeldOut: Embeddings,
    rightHeldOut: Embeddings,
    curve: Series
  },
  resources: { cpu: 2, memory: "2 GiB" },
  random: true,
  compute: true,
  isolated: true,
  run: Effect.fn("constellation/adapt")(function* ({ inputs, params }) {
    const [left, right] = [yield* inputs.left.readFloat32, yield* inputs.right.readFloat32]
    const at = new Map(right.keys.map((key, row) => [key, row]))
    const keys = left.keys.filter((key) => at.has(key))
    const held = keys.filter((_, i) => i % 5 === 4)
    const kept = keys.filter((_, i) => i % 5 !== 4)
    if (kept.length < params.batch || held.length < 2) {
      return yield* new InputError({
        what: `The two views have ${keys.length} keys in common, too few for batches of ${params.batch}.`,
        where: "inputs left and right",
        next: `--set <node>.batch=${Math.max(2, Math.floor(kept.length / 2))}, or give views of the same things`
      })
    }
    const leftRows = new Map(left.keys.map((key, row) => [key, row]))
    const views = [prepare(left, kept, leftRows), prepare(right, kept, at)] as const
    const { seed } = yield* Random
    const training = yield* openTraining((engine) => adapterTraining(engine, views, params, seed))
    const trained = yield* drive(training, 20)
    const mapped = (view: View, names: ReadonlyArray<string>, adapter: Float32Array) => ({
      keys: names,
      dims: params.dims,
      data: multiply(view, adapter, params.dims)
    })
    const heldOut = [
      prepare(left, held, leftRows, mean(left, kept, leftRows)),
      prepare(right, held, at, mean(right, kept, at))
    ] as const
    return {
      left: mapped(views[0], kept, trained.left),
      right: mapped(views[1], kept, trained.right),
      leftHeldOut: mapped(heldOut[0], held, trained.left),
      rightHeldOut: mapped(heldOut[1], held, trained.right),
      curve: Array.from(trained.losses, (loss, step) => ({
        series: "batch loss",
        x: step,
        y: loss,
        low: null,
        high: null
      }))
    }
  }, Effect.scoped)
})

type Rows = ReadonlyMap<string, number>

/** The mean unit row of the chosen keys. */
const mean = (matrix: Matrix<Float32Array>, keys: ReadonlyArray<string>, rows: Rows): Float64Array => {
  const result = new Float64Array(matrix.dims)
  for (const key of keys) {
    const row = unit(matrix.data.subarray(rows.get(key)! * matrix.dims, (rows.get(key)! + 1) * matrix.dims))
    for (let c = 0; c < matrix.dims; c++) result[c] += row[c] / keys.length
  }
  return result
}

const unit = (row: ArrayLike<number>): Float64Array => {
  const result = Float64Array.from(row)
  const length = Math.sqrt(result.reduce((sum, x) => sum + x * x, 0))
  return length > 0 ? result.map((x) => x / length) : result
}

/** Chosen rows in order: unit length, mean subtracted, unit length again. */
const prepare = (
  matrix: Matrix<Float32Array>,
  keys: ReadonlyArray<string>,
  rows: Rows,
  centre: Float64Array = mean(matrix, keys, rows)
): View => {
  const { dims } = matrix
  const data = new Float32Array(keys.length * dims)
  keys.forEach((key, i) => {
    const row = unit(matrix.data.subarray(rows.get(key)! * dims, (rows.get(key)! + 1) * dims))
    data.set(unit(row.map((x, c) => x - centre[c])), i * dims)
  })
  return { dims, data }
}

const multiply = (view: View, adapter: Float32Array, dims: number): Float32Array => {
  const rows = view.data.length / view.dims
  const result = new Float32Array(rows * dims)
  const row = new Float64Array(dims)
  for (let i = 0; i < rows; i++) {
    row.fill(0)
    for (let k = 0; k < view.dims; k++) {
      const x = view.data[i * view.dims + k]
      for (let c = 0; c < dims; c++) row[c] += x * adapter[k * dims + c]
    }
    result.set(row, i * dims)
  }
  return result
}

export default adapt
