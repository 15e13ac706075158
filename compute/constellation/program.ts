/**
 * The training step of `training.ts` as a tensor program: the formula, for any backend, batched over runs by a leading
 * axis. Gradients are derived by the library; `fusedTraining.ts` is tested against it.
 *
 * States: `modality0` … [runs, items, dims]; `logT`, `bias`, `adapter` [runs]; Adam's moments. Output: the mean loss of
 * each run [runs]. The summed loss is differentiated, so that no run's gradient depends on another run.
 */
import { gradient } from "../program/gradient.ts"
import * as Op from "../program/ops.ts"
import { adam as adamUpdates } from "../program/optimisers.ts"
import * as Program from "../program/Program.ts"
import type { Tensor } from "../program/Tensor.ts"
import { adam, edgeSign, type RunSettings, type TrainingShape } from "./training.ts"

export const modalityState = (modality: number): string => `modality${modality}`

/** A number for each run as a [runs, 1, 1] column that broadcasts against scores. */
const column = (x: Tensor): Tensor => Op.reshape(x, [x.shape[0], 1, 1])
const perRun = (values: ReadonlyArray<number>): Tensor => Op.constant(values)

export const trainingProgram = (
  shape: TrainingShape,
  runs: ReadonlyArray<RunSettings>
): Program.Program<"loss"> => {
  const { dims, edges, items, locked } = shape
  const states = locked.map((_, k) => Op.state(modalityState(k), [runs.length, items, dims]))
  const logT = Op.state("logT", [runs.length])
  const bias = Op.state("bias", [runs.length])
  const x = Op.state("adapter", [runs.length])

  // The reference normalises inside the loss: that makes its gradient tangential.
  const extended = shape.gradient === "extended" && shape.adapter !== undefined
  const vectors = states.map((v) => (extended || shape.gradient === "euclidean" ? v : Op.normaliseRows(v)))
  const t = Op.exp(logT)
  const relative = perRun(runs.map((run) => (run.form === "relative" ? 1 : 0)))
  const offset = Op.mul(bias, Op.add(Op.mul(relative, t), Op.sub(1, relative)))
  const square = shape.adapter === undefined ? Op.scalar(1) : column(Op.square(Op.sigmoid(x)))
  /** Lengths with the adapter's coordinate, as a column: 1 at every step, but their gradients are not 0. */
  const length = (v: Tensor): Tensor =>
    Op.sqrt(Op.add(Op.mul(square, Op.sum(Op.square(v), { axes: [2], keepDims: true })), Op.sub(1, square)))
  const sign = Op.constant(
    Array.from({ length: items * items }, (_, at) => (Math.floor(at / items) === at % items ? -1 : 1)),
    [items, items]
  )
  const pairLosses = edges.map((edge) => {
    const scores = Op.matmul(vectors[edge.left], vectors[edge.right], { transposeB: true })
    const plain = Op.add(Op.mul(square, scores), Op.mul(Op.sub(1, square), edgeSign(edge, shape)))
    const adapted = extended
      ? Op.div(
          plain,
          Op.matmul(length(vectors[edge.left]), length(vectors[edge.right]), { transposeB: true })
        )
      : plain
    const z = Op.sub(Op.mul(column(t), adapted), column(offset))
    const wrong = Op.mul(sign, z)
    const losses =
      shape.epsilon === 0
        ? Op.softplus(wrong)
        : Op.neg(Op.log(Op.add(Op.sigmoid(Op.neg(wrong)), shape.epsilon)))
    return Op.mean(losses, { axes: [1, 2] })
  })
  const loss = Op.mul(
    pairLosses.reduce((sum, pairLoss) => Op.add(sum, pairLoss)),
    1 / edges.length
  )

  const parameters: { [state: string]: Tensor } = { logT, bias }
  states.forEach((v, k) => {
    if (!locked[k]) parameters[modalityState(k)] = v
  })
  if (shape.adapter !== undefined) parameters.adapter = x
  const gradients: { [state: string]: Tensor } = { ...gradient(Op.sum(loss), parameters) }
  gradients.bias = Op.add(gradients.bias, pull(runs, bias, t))
  gradients.logT = Op.mul(gradients.logT, perRun(runs.map((run) => (run.trainInverseTemperature ? 1 : 0))))
  gradients.bias = Op.mul(gradients.bias, perRun(runs.map((run) => (run.trainBias ? 1 : 0))))

  const updates: { [state: string]: Tensor } = {
    ...adamUpdates(parameters, gradients, { learningRate: shape.learningRate, ...adam })
  }
  states.forEach((_, k) => {
    if (!locked[k]) updates[modalityState(k)] = Op.normaliseRows(updates[modalityState(k)])
  })
  return Program.make("constellation/step", { outputs: { loss }, updates })
}

/** Gradient of the guide, weight · (b_rel − towards)², with respect to the bias; t is held. */
const pull = (runs: ReadonlyArray<RunSettings>, bias: Tensor, t: Tensor): Tensor => {
  const weights = perRun(runs.map((run) => 2 * (run.guide?.weight ?? 0)))
  const towards = perRun(runs.map((run) => run.guide?.towards ?? 0))
  const relative = perRun(runs.map((run) => (run.form === "relative" ? 1 : 0)))
  const divisor = Op.add(relative, Op.mul(Op.sub(1, relative), t))
  return Op.div(Op.mul(weights, Op.sub(Op.div(bias, divisor), towards)), divisor)
}
