/**
 * Training by the fused float32 kernels, run after run: the fast implementation of the step in `program.ts` for many
 * small problems. Scalars (log t, bias, x) and their moments are float64; vectors, their moments and scores float32;
 * recorded losses and margins are float64 sums over the float32 vectors.
 *
 * A run's numbers do not depend on which other runs are in the batch. Memory: one run's vectors and moments, beside the
 * result. Cost a step: 6·|E|·N²·d flops and |E|·N² exponentials.
 */
import { adapterScale } from "./adapter.ts"
import { openKernel } from "./kernel/contrastive.ts"
import { transposeIn, transposeOut } from "./kernel/layout.ts"
import { measureModalityGap } from "./modalityGap.ts"
import { pairRows } from "./Pairing.ts"
import { relativeBiasOf, scalarGradients, slots, stepScalars, type Scalars } from "./scalarStep.ts"
import {
  adam,
  divergence,
  edgeSign,
  recordFields,
  recordSteps,
  type RunSettings,
  type Training,
  type TrainingShape
} from "./training.ts"

/** @param initial unit vectors of every run, [runs, modalities, items, dims] */
export const fusedTraining = (
  shape: TrainingShape,
  runs: ReadonlyArray<RunSettings>,
  initial: Float32Array
): Training => {
  const { dims, edges, items, locked, modalities, steps } = shape
  const stride = Math.ceil(items / 8) * 8
  const size = dims * stride
  // The adapter's own coordinate takes a gradient only where the reference's normalisation lets it.
  const extended = shape.gradient === "extended" && shape.adapter !== undefined
  const gradientSize = (extended ? dims + 1 : dims) * stride
  const cap = shape.epsilon > 0 ? -Math.log(shape.epsilon) : 0
  const each = modalities * items * dims
  const kernel = openKernel()
  const vectors = kernel.floats(modalities * size)
  const gradient = kernel.floats(modalities * gradientSize)
  const first = kernel.floats(modalities * size)
  const second = kernel.floats(modalities * size)
  const scratch = kernel.floats(4 * stride)
  const scores = kernel.doubles(items)
  const sums = kernel.doubles(2)
  const measured = kernel.doubles(3)
  // Nothing is allocated from here on, so that views stay valid.
  const [gradientView, sumsView] = [gradient.view(), sums.view()]

  const finished = Float32Array.from(initial)
  const kept = recordSteps(shape)
  const records = new Float64Array(runs.length * kept.length * recordFields.length)
  const scalars: Scalars = new Float64Array(slots.count)
  let run = 0
  let step = 0
  let lost: string | undefined

  const start = (): void => {
    transposeIn(
      finished.subarray(run * each, (run + 1) * each),
      vectors.view(),
      modalities,
      items,
      dims,
      stride
    )
    first.view().fill(0)
    second.view().fill(0)
    const settings = runs[run]
    scalars.fill(0)
    scalars[slots.logT] = Math.log(settings.inverseTemperature)
    scalars[slots.bias] = settings.bias
    scalars[slots.adapter] = shape.adapter ?? 0
  }

  /** α and γ of z = α s − γ on an edge of the given sign. */
  const logits = (sign: 1 | -1) => {
    const t = Math.exp(scalars[slots.logT])
    const delta = shape.adapter === undefined ? 1 : adapterScale(scalars[slots.adapter])
    const shift = sign * (1 - delta * delta)
    const bias = scalars[slots.bias]
    return {
      alpha: t * delta * delta,
      square: delta * delta,
      gamma: runs[run].form === "relative" ? t * (bias - shift) : bias - t * shift
    }
  }

  const record = (): void => {
    let loss = 0
    let lowest = Infinity
    let highest = -Infinity
    for (const edge of edges) {
      const { alpha, gamma } = logits(edgeSign(edge, shape))
      const [u, v] = [vectors.at + 4 * edge.left * size, vectors.at + 4 * edge.right * size]
      kernel.run.measure(u, v, scores.at, measured.at, items, stride, dims, alpha, gamma, shape.epsilon, cap)
      const out = measured.view()
      loss += out[0] / (items * items * edges.length)
      lowest = Math.min(lowest, out[1])
      highest = Math.max(highest, out[2])
    }
    const [edge] = edges
    const side = (modality: number) => {
      const rows = new Float32Array(items * dims)
      transposeOut(
        vectors.view().subarray(modality * size, (modality + 1) * size),
        rows,
        1,
        items,
        dims,
        stride
      )
      return rows
    }
    const firstOfRun = run * kept.length * recordFields.length
    const at = firstOfRun + kept.indexOf(step) * recordFields.length
    records.set(
      [
        loss,
        Math.exp(scalars[slots.logT]),
        scalars[slots.bias],
        relativeBiasOf(scalars, runs[run]),
        shape.adapter === undefined ? 1 : adapterScale(scalars[slots.adapter]),
        lowest,
        highest,
        measureModalityGap(pairRows(side(edge.left), side(edge.right), dims)).xi
      ],
      at
    )
    lost ??= divergence(step, loss, records[firstOfRun], records[at + 1])
  }

  const oneStep = (): void => {
    gradientView.fill(0)
    const totals = { same: 0, opposite: 0, scored: 0 }
    for (const edge of edges) {
      const sign = edgeSign(edge, shape)
      const { alpha, gamma, square } = logits(sign)
      sumsView.fill(0)
      kernel.run.pass(
        vectors.at + 4 * edge.left * size,
        vectors.at + 4 * edge.right * size,
        gradient.at + 4 * edge.left * gradientSize,
        gradient.at + 4 * edge.right * gradientSize,
        scratch.at,
        sums.at,
        items,
        stride,
        dims,
        alpha,
        gamma,
        shape.epsilon,
        extended ? sign * (1 - square) : 0
      )
      const [sumG, sumGs] = sumsView
      if (sign === 1) totals.same += sumG
      else totals.opposite += sumG
      totals.scored += sumGs
    }
    const entries = items * items * edges.length
    const { alpha, square } = logits(1)
    const projected = shape.gradient === "euclidean" ? 0 : extended ? square : 1
    const rate = shape.learningRate / (1 - adam.beta1 ** (step + 1))
    const correction = 1 / (1 - adam.beta2 ** (step + 1))
    for (let modality = 0; modality < modalities; modality++) {
      if (locked[modality]) continue
      const at = 4 * modality * size
      kernel.run.update(
        vectors.at + at,
        gradient.at + 4 * modality * gradientSize,
        first.at + at,
        second.at + at,
        stride,
        dims,
        alpha / entries,
        rate,
        correction,
        adam.beta1,
        adam.beta2,
        adam.epsilon,
        projected,
        extended ? 1 : 0
      )
    }
    const gradients = scalarGradients(scalars, runs[run], totals, entries, shape.adapter !== undefined)
    stepScalars(scalars, gradients, rate, correction)
  }

  const finish = (): void => {
    transposeOut(
      vectors.view(),
      finished.subarray(run * each, (run + 1) * each),
      modalities,
      items,
      dims,
      stride
    )
    run++
    step = 0
    if (run < runs.length) start()
  }

  start()
  return {
    done: () => run * steps + step,
    total: runs.length * steps,
    diverged: () => lost,
    advance: async (runSteps) => {
      for (let n = 0; n < Math.max(1, runSteps) && run < runs.length; n++) {
        if (step % shape.recordEvery === 0) record()
        oneStep()
        step++
        if (step === steps) {
          record()
          finish()
        }
      }
    },
    save: async () => ({
      position: Float64Array.of(run, step),
      finished: finished.slice(),
      records: records.slice(),
      scalars: scalars.slice(),
      vectors: vectors.view().slice(),
      first: first.view().slice(),
      second: second.view().slice()
    }),
    restore: async (state) => {
      ;[run, step] = state.position
      finished.set(state.finished)
      records.set(state.records)
      scalars.set(state.scalars)
      vectors.view().set(state.vectors)
      first.view().set(state.first)
      second.view().set(state.second)
    },
    result: async () => ({ vectors: finished, records })
  }
}
