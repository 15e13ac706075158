/**
 * Training by the tensor program of `program.ts` on a backend: all runs of the batch advance together, one program a step.
 * States stay in the backend; vectors cross into JavaScript only where a record or a checkpoint is kept.
 */
import type { Engine, Handle, HostTensor } from "../Engine.ts"
import { createState } from "../Engine.ts"
import { adapterScale } from "./adapter.ts"
import { sigmoidLoss, type LossSettings } from "./loss.ts"
import { measureMargins } from "./margins.ts"
import { measureModalityGap } from "./modalityGap.ts"
import { pairRows } from "./Pairing.ts"
import { modalityState, trainingProgram } from "./program.ts"
import {
  edgeSign,
  recordFields,
  recordSteps,
  type RunSettings,
  type Training,
  type TrainingShape,
  divergence
} from "./training.ts"

/** @param initial unit vectors of every run, [runs, modalities, items, dims] */
export const programTraining = async (
  engine: Engine,
  shape: TrainingShape,
  runs: ReadonlyArray<RunSettings>,
  initial: Float32Array
): Promise<Training & { readonly close: () => void }> => {
  const { dims, items, modalities, steps } = shape
  const count = runs.length
  const size = items * dims
  const program = trainingProgram(shape, runs)
  const ofRuns = (value: (run: RunSettings) => number): HostTensor => ({
    shape: [count],
    data: Float64Array.from(runs, value)
  })
  const start: { [state: string]: HostTensor } = {
    logT: ofRuns((run) => Math.log(run.inverseTemperature)),
    bias: ofRuns((run) => run.bias)
  }
  if (shape.adapter !== undefined) start.adapter = ofRuns(() => shape.adapter!)
  for (let k = 0; k < modalities; k++) {
    const data = new Float32Array(count * size)
    for (let r = 0; r < count; r++) {
      data.set(initial.subarray((r * modalities + k) * size, (r * modalities + k + 1) * size), r * size)
    }
    start[modalityState(k)] = { shape: [count, items, dims], data }
  }
  const state: { readonly [name: string]: Handle } = await createState(engine, program, start)
  const executable = await engine.compile(program)
  const kept = recordSteps(shape)
  const records = new Float64Array(count * kept.length * recordFields.length)
  let step = 0
  let lost: string | undefined

  const collect = async (): Promise<Float32Array> => {
    const vectors = new Float32Array(count * modalities * size)
    for (let k = 0; k < modalities; k++) {
      const { data } = await engine.read(state[modalityState(k)])
      for (let r = 0; r < count; r++) {
        vectors.set(data.subarray(r * size, (r + 1) * size), (r * modalities + k) * size)
      }
    }
    return vectors
  }

  const record = async (): Promise<void> => {
    const vectors = await collect()
    const [logT, bias] = [(await engine.read(state.logT)).data, (await engine.read(state.bias)).data]
    const adapters = shape.adapter === undefined ? undefined : (await engine.read(state.adapter)).data
    for (let r = 0; r < count; r++) {
      const side = (k: number) =>
        vectors.subarray((r * modalities + k) * size, (r * modalities + k + 1) * size)
      const t = Math.exp(logT[r])
      const delta = adapters === undefined ? 1 : adapterScale(adapters[r])
      let [loss, lowest, highest] = [0, Infinity, -Infinity]
      for (const edge of shape.edges) {
        const pairing = pairRows(side(edge.left), side(edge.right), dims)
        const margins = measureMargins(pairing)
        lowest = Math.min(lowest, margins.minPositive)
        highest = Math.max(highest, margins.maxNegative)
        const shift = edgeSign(edge, shape) * (1 - delta * delta)
        const plain: LossSettings = {
          form: "absolute",
          inverseTemperature: t * delta * delta,
          bias: runs[r].form === "relative" ? t * (bias[r] - shift) : bias[r] - t * shift,
          epsilon: shape.epsilon
        }
        loss += sigmoidLoss(pairing, plain) / shape.edges.length
      }
      const [edge] = shape.edges
      const relative = runs[r].form === "relative" ? bias[r] : bias[r] / t
      const { xi } = measureModalityGap(pairRows(side(edge.left), side(edge.right), dims))
      const firstOfRun = r * kept.length * recordFields.length
      records.set(
        [loss, t, bias[r], relative, delta, lowest, highest, xi],
        firstOfRun + kept.indexOf(step) * recordFields.length
      )
      lost ??= divergence(step, loss, records[firstOfRun], t)
    }
  }

  return {
    done: () => step * count,
    total: steps * count,
    diverged: () => lost,
    advance: async (runSteps) => {
      let left = Math.max(1, Math.floor(runSteps / count))
      while (left > 0 && step < steps) {
        if (step % shape.recordEvery === 0) await record()
        const next = Math.min(steps, (Math.floor(step / shape.recordEvery) + 1) * shape.recordEvery)
        const times = Math.min(left, next - step)
        await executable.repeat(times, state)
        step += times
        left -= times
        if (step === steps) await record()
      }
    },
    save: async () => {
      const saved: { [name: string]: Float32Array | Float64Array } = {
        position: Float64Array.of(step),
        records: records.slice()
      }
      for (const [name, handle] of Object.entries(state)) {
        saved[name] = (await engine.read(handle)).data.slice() as Float32Array | Float64Array
      }
      return saved
    },
    restore: async (saved) => {
      step = saved.position[0]
      records.set(saved.records)
      for (const [name, handle] of Object.entries(state)) {
        await engine.write(handle, { shape: handle.shape, data: saved[name] })
      }
    },
    result: async () => ({ vectors: await collect(), records }),
    close: () => {
      executable.dispose()
      for (const handle of Object.values(state)) engine.dispose(handle)
    }
  }
}
