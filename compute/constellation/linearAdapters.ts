/**
 * Linear adapters: maps two paired views of different widths into one space, trained with the sigmoid loss in mini-batches
 * as a tensor program. How a constellation is reached from fixed features (arXiv 2509.18552, Observation 1, with a learned
 * map in place of the explicit adapter).
 *
 *   U = unit(X W_left), V = unit(Y W_right);  z = t (⟨U_i, V_j⟩ − b_rel), batch loss = mean softplus(−y z)
 *
 * Rows stay in the backend; a step sends the batch's row numbers and returns its loss. Adam on W, log t and b_rel.
 */
import type { Engine } from "../Engine.ts"
import { createState, numberOf } from "../Engine.ts"
import { gradient } from "../program/gradient.ts"
import * as Op from "../program/ops.ts"
import { adam as adamUpdates } from "../program/optimisers.ts"
import * as Program from "../program/Program.ts"
import { makeRandom } from "../random/RandomStream.ts"
import { adam, divergence, type Training } from "./training.ts"

export interface AdapterSettings {
  readonly dims: number
  readonly batch: number
  readonly steps: number
  readonly learningRate: number
  readonly inverseTemperature: number
  readonly relativeBias: number
}

/** Rows of one view, row-major. */
export interface View {
  readonly dims: number
  readonly data: Float32Array
}

export interface Adapters {
  /** [left.dims, dims] and [right.dims, dims]. */
  readonly left: Float32Array
  readonly right: Float32Array
  readonly inverseTemperature: number
  readonly relativeBias: number
  /** Batch loss of each step. */
  readonly losses: Float64Array
}

export const adapterProgram = (
  rows: number,
  widths: readonly [number, number],
  { batch, dims, learningRate }: AdapterSettings
): Program.Program<"loss"> => {
  const chosen = Op.input("rows", [batch], "int")
  const left = Op.state("left", [widths[0], dims])
  const right = Op.state("right", [widths[1], dims])
  const logT = Op.state("logT", [])
  const bias = Op.state("bias", [])
  const u = Op.normaliseRows(Op.matmul(Op.gatherRows(Op.state("leftRows", [rows, widths[0]]), chosen), left))
  const v = Op.normaliseRows(
    Op.matmul(Op.gatherRows(Op.state("rightRows", [rows, widths[1]]), chosen), right)
  )
  const z = Op.mul(Op.exp(logT), Op.sub(Op.matmul(u, v, { transposeB: true }), bias))
  const positive = Op.constant(
    Array.from({ length: batch * batch }, (_, at) => (Math.floor(at / batch) === at % batch ? 1 : 0)),
    [batch, batch]
  )
  // softplus(−z) on positives, softplus(z) elsewhere: softplus(z) − z·[positive].
  const loss = Op.mean(Op.sub(Op.softplus(z), Op.mul(positive, z)))
  const parameters = { left, right, logT, bias }
  return Program.make("constellation/adapt", {
    outputs: { loss },
    updates: adamUpdates(parameters, gradient(loss, parameters), { learningRate, ...adam })
  })
}

/** A resumable training of both adapters on rows paired by position. `seed` draws the start and the batches. */
export const adapterTraining = async (
  engine: Engine,
  views: readonly [View, View],
  settings: AdapterSettings,
  seed: string
): Promise<Training<Adapters> & { readonly close: () => void }> => {
  const [left, right] = views
  const rows = left.data.length / left.dims
  const start = (view: View, name: string): Float32Array => {
    const data = new Float32Array(view.dims * settings.dims)
    makeRandom(seed, name).fillGaussian(data, 1 / Math.sqrt(view.dims))
    return data
  }
  const program = adapterProgram(rows, [left.dims, right.dims], settings)
  const state = await createState(engine, program, {
    left: { shape: [left.dims, settings.dims], data: start(left, "left adapter") },
    right: { shape: [right.dims, settings.dims], data: start(right, "right adapter") },
    leftRows: { shape: [rows, left.dims], data: left.data },
    rightRows: { shape: [rows, right.dims], data: right.data },
    logT: { shape: [], data: Float64Array.of(Math.log(settings.inverseTemperature)) },
    bias: { shape: [], data: Float64Array.of(settings.relativeBias) }
  })
  const executable = await engine.compile(program)
  const batches = makeRandom(seed, "batches")
  const losses = new Float64Array(settings.steps)
  const fixed = new Set(["leftRows", "rightRows"])
  let step = 0
  let lost: string | undefined
  // Batch s has a stream of its own: nothing of the past is needed to resume.
  const batchOf = (s: number): Int32Array =>
    Int32Array.from(batches.stream(String(s)).sample(rows, settings.batch))
  return {
    done: () => step,
    total: settings.steps,
    diverged: () => lost,
    advance: async (count) => {
      const end = Math.min(settings.steps, step + Math.max(1, count))
      for (; step < end; step++) {
        const chosen = { shape: [settings.batch], data: batchOf(step) }
        losses[step] = numberOf((await executable.run({ ...state, rows: chosen })).loss)
        lost ??= divergence(step, losses[step], losses[0])
      }
      const t = Math.exp(numberOf(await engine.read(state.logT)))
      lost ??= divergence(step, losses[step - 1], losses[0], t)
    },
    save: async () => {
      const saved: { [name: string]: Float32Array | Float64Array } = {
        position: Float64Array.of(step),
        losses: losses.slice()
      }
      for (const [name, handle] of Object.entries(state)) {
        if (!fixed.has(name)) saved[name] = (await engine.read(handle)).data.slice() as Float32Array
      }
      return saved
    },
    restore: async (saved) => {
      step = saved.position[0]
      losses.set(saved.losses)
      for (const [name, handle] of Object.entries(state)) {
        if (!fixed.has(name)) await engine.write(handle, { shape: handle.shape, data: saved[name] })
      }
    },
    result: async () => ({
      left: Float32Array.from((await engine.read(state.left)).data),
      right: Float32Array.from((await engine.read(state.right)).data),
      inverseTemperature: Math.exp(numberOf(await engine.read(state.logT))),
      relativeBias: numberOf(await engine.read(state.bias)),
      losses
    }),
    close: () => {
      executable.dispose()
      for (const handle of Object.values(state)) engine.dispose(handle)
    }
  }
}
