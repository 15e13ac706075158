/**
 * The sigmoid loss over N × N pairs where N × N scores cannot be held: exact loss and gradient, tile by tile, then one
 * Adam step on the sphere. Every pair counts; nothing is sampled.
 *
 *   for row tile I, column tile J:  z = t (U_I V_Jᵀ − b_rel),  L += Σ softplus(z) − Σ_{i=j} z,  and its gradients
 *
 * A tile is one run of a tensor program on a backend; its gradients are derived by the library. Memory: vectors, gradients
 * and moments (8·N·d float32 for two modalities) and one tile, B² a few times over. Cost a step: 6·N²·d flops and N²
 * exponentials.
 */
import type { Engine, HostTensor } from "../Engine.ts"
import { numberOf } from "../Engine.ts"
import { gradient } from "../program/gradient.ts"
import * as Op from "../program/ops.ts"
import * as Program from "../program/Program.ts"
import { projectTangential } from "./loss.ts"
import { stepScalars, slots } from "./scalarStep.ts"
import { adam, type Training } from "./training.ts"

export interface TiledSettings {
  readonly items: number
  readonly dims: number
  /** B: rows and columns of a tile. */
  readonly tile: number
  readonly steps: number
  readonly learningRate: number
  readonly inverseTemperature: number
  readonly relativeBias: number
  readonly trainRelativeBias: boolean
}

export interface TiledResult {
  /** [modalities = 2, items, dims] */
  readonly vectors: Float32Array
  /** [steps, 5]: mean loss, t, b_rel, smallest positive and largest negative score, all before the step. */
  readonly records: Float64Array
}

const outputs = ["loss", "left", "right", "logT", "bias", "lowest", "highest"] as const

/** One tile of `rows` × `columns` pairs; `diagonal` says whether its diagonal holds positives. */
export const tileProgram = (rows: number, columns: number, dims: number, diagonal: boolean) => {
  const left = Op.input("left", [rows, dims])
  const right = Op.input("right", [columns, dims])
  const logT = Op.input("logT", [])
  const bias = Op.input("bias", [])
  const scores = Op.matmul(left, right, { transposeB: true })
  const z = Op.mul(Op.exp(logT), Op.sub(scores, bias))
  const negatives = Op.sum(Op.softplus(z))
  const own = Op.sum(Op.mul(left, diagonal ? right : left), { axes: [1] })
  const loss = diagonal ? Op.sub(negatives, Op.sum(Op.mul(Op.exp(logT), Op.sub(own, bias)))) : negatives
  const gradients = gradient(loss, { left, right, logT, bias })
  const positive = Op.constant(
    diagonal
      ? Array.from({ length: rows * columns }, (_, at) => (Math.floor(at / columns) === at % columns ? 4 : 0))
      : [0],
    diagonal ? [rows, columns] : [1, 1]
  )
  return Program.make("constellation/tile", {
    outputs: { loss, ...gradients, lowest: Op.min(own), highest: Op.max(Op.sub(scores, positive)) }
  })
}

/** @param initial unit vectors of both modalities, [2, items, dims] */
export const tiledTraining = async (
  engine: Engine,
  settings: TiledSettings,
  initial: Float32Array
): Promise<Training<TiledResult> & { readonly close: () => void }> => {
  const { dims, items, steps, tile } = settings
  const size = items * dims
  const tiles = Math.ceil(items / tile)
  const vectors = Float32Array.from(initial)
  const moments = { first: new Float32Array(2 * size), second: new Float32Array(2 * size) }
  const gradients = new Float32Array(2 * size)
  const records = new Float64Array(steps * 5)
  const scalars = new Float64Array(slots.count)
  scalars[slots.logT] = Math.log(settings.inverseTemperature)
  scalars[slots.bias] = settings.relativeBias
  // Sums over the tiles of the present step: loss, ∂log t, ∂b, smallest positive, largest negative.
  const sums = Float64Array.of(0, 0, 0, Infinity, -Infinity)
  let position = 0

  const programs = new Map<string, Awaited<ReturnType<typeof compileTile>>>()
  const compileTile = (rows: number, columns: number, diagonal: boolean) =>
    engine.compile<(typeof outputs)[number]>(tileProgram(rows, columns, dims, diagonal))
  const programOf = async (rows: number, columns: number, diagonal: boolean) => {
    const key = `${rows} ${columns} ${diagonal}`
    const known = programs.get(key)
    if (known !== undefined) return known
    const compiled = await compileTile(rows, columns, diagonal)
    programs.set(key, compiled)
    return compiled
  }

  const rowsOf = (modality: number, at: number): { readonly start: number; readonly value: HostTensor } => {
    const first = at * tile
    const count = Math.min(tile, items - first)
    const start = modality * size + first * dims
    return { start, value: { shape: [count, dims], data: vectors.slice(start, start + count * dims) } }
  }

  const oneTile = async (at: number): Promise<void> => {
    const [i, j] = [Math.floor(at / tiles), at % tiles]
    const [left, right] = [rowsOf(0, i), rowsOf(1, j)]
    const program = await programOf(left.value.shape[0], right.value.shape[0], i === j)
    const out = await program.run({
      left: left.value,
      right: right.value,
      logT: scalars[slots.logT],
      bias: scalars[slots.bias]
    })
    for (let k = 0; k < out.left.data.length; k++) gradients[left.start + k] += out.left.data[k]
    for (let k = 0; k < out.right.data.length; k++) gradients[right.start + k] += out.right.data[k]
    sums[0] += numberOf(out.loss)
    sums[1] += numberOf(out.logT)
    sums[2] += numberOf(out.bias)
    if (i === j) sums[3] = Math.min(sums[3], numberOf(out.lowest))
    sums[4] = Math.max(sums[4], numberOf(out.highest))
  }

  const finishStep = (step: number): void => {
    const entries = items * items
    records.set(
      [sums[0] / entries, Math.exp(scalars[slots.logT]), scalars[slots.bias], sums[3], sums[4]],
      step * 5
    )
    const rate = settings.learningRate / (1 - adam.beta1 ** (step + 1))
    const correction = 1 / (1 - adam.beta2 ** (step + 1))
    for (let k = 0; k < gradients.length; k++) gradients[k] /= entries
    projectTangential(gradients, vectors, dims)
    for (let row = 0; row < 2 * items; row++) {
      let square = 0
      for (let at = row * dims; at < (row + 1) * dims; at++) {
        const g = gradients[at]
        const m = adam.beta1 * moments.first[at] + (1 - adam.beta1) * g
        const v = adam.beta2 * moments.second[at] + (1 - adam.beta2) * g * g
        moments.first[at] = m
        moments.second[at] = v
        const x = vectors[at] - (rate * m) / (Math.sqrt(v * correction) + adam.epsilon)
        vectors[at] = x
        square += x * x
      }
      const length = Math.sqrt(square)
      for (let at = row * dims; at < (row + 1) * dims; at++) vectors[at] /= length
    }
    const biasGradient = settings.trainRelativeBias ? sums[2] / entries : 0
    stepScalars(scalars, [sums[1] / entries, biasGradient, 0], rate, correction)
    gradients.fill(0)
    sums.set([0, 0, 0, Infinity, -Infinity])
  }

  return {
    done: () => position,
    total: steps * tiles * tiles,
    advance: async (count) => {
      const end = Math.min(steps * tiles * tiles, position + Math.max(1, count))
      while (position < end) {
        await oneTile(position % (tiles * tiles))
        position++
        if (position % (tiles * tiles) === 0) finishStep(position / (tiles * tiles) - 1)
      }
    },
    save: async () => ({
      position: Float64Array.of(position),
      vectors: vectors.slice(),
      first: moments.first.slice(),
      second: moments.second.slice(),
      gradients: gradients.slice(),
      records: records.slice(),
      scalars: scalars.slice(),
      // JSON-free and exact; infinities survive in float64.
      sums: sums.slice()
    }),
    restore: async (state) => {
      position = state.position[0]
      vectors.set(state.vectors)
      moments.first.set(state.first)
      moments.second.set(state.second)
      gradients.set(state.gradients)
      records.set(state.records)
      scalars.set(state.scalars)
      sums.set(state.sums)
    },
    result: async () => ({ vectors, records }),
    close: () => programs.forEach((program) => program.dispose())
  }
}
