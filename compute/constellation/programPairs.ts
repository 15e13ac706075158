/**
 * The pair sums by a tensor program on a backend, tile by tile; gradients are derived by the library.
 *
 *   for row tile I, column tile J:  z = t (U_I V_Jᵀ − b_rel),  L += Σ softplus(z) − Σ_{i=j} z,  and its gradients
 *
 * Memory: a tile of B² pairs a few times over. Cost: 6·N²·d flops and N² exponentials.
 */
import type { Engine, HostTensor } from "../Engine.ts"
import { numberOf } from "../Engine.ts"
import { gradient } from "../program/gradient.ts"
import * as Op from "../program/ops.ts"
import * as Program from "../program/Program.ts"
import { addSums, type PairSums } from "./pairSums.ts"

type Output = "loss" | "left" | "right" | "logT" | "bias" | "lowest" | "highest"

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

/** @param tile rows and columns of a tile */
export const programPairs = (engine: Engine, items: number, dims: number, tile: number): PairSums => {
  const tiles = Math.ceil(items / tile)
  const compileTile = (rows: number, columns: number, diagonal: boolean) =>
    engine.compile<Output>(tileProgram(rows, columns, dims, diagonal))
  const programs = new Map<string, Awaited<ReturnType<typeof compileTile>>>()
  const programOf = async (rows: number, columns: number, diagonal: boolean) => {
    const key = `${rows} ${columns} ${diagonal}`
    const known = programs.get(key)
    if (known !== undefined) return known
    const compiled = await compileTile(rows, columns, diagonal)
    programs.set(key, compiled)
    return compiled
  }
  return {
    parts: tiles * tiles,
    add: async (part, state) => {
      const [i, j] = [Math.floor(part / tiles), part % tiles]
      const side = (modality: number, at: number): { readonly start: number; readonly value: HostTensor } => {
        const count = Math.min(tile, items - at * tile)
        const start = (modality * items + at * tile) * dims
        return {
          start,
          value: { shape: [count, dims], data: state.vectors.slice(start, start + count * dims) }
        }
      }
      const [left, right] = [side(0, i), side(1, j)]
      const program = await programOf(left.value.shape[0], right.value.shape[0], i === j)
      const out = await program.run({
        left: left.value,
        right: right.value,
        logT: Math.log(state.inverseTemperature),
        bias: state.relativeBias
      })
      const { gradients } = state
      for (let k = 0; k < out.left.data.length; k++) gradients[left.start + k] += out.left.data[k]
      for (let k = 0; k < out.right.data.length; k++) gradients[right.start + k] += out.right.data[k]
      const lowest = i === j ? numberOf(out.lowest) : Infinity
      addSums(state, [
        numberOf(out.loss),
        numberOf(out.logT),
        numberOf(out.bias),
        lowest,
        numberOf(out.highest)
      ])
    },
    close: async () => programs.forEach((program) => program.dispose())
  }
}
