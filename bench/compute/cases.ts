/** Our side of the bench: the same computations as peer.py, from the same files, through the compute layer. */
import type { Engine, Executable, Handle, HostTensor } from "../../compute/Engine.ts"
import { createState, numberOf } from "../../compute/Engine.ts"
import { gradient } from "../../compute/program/gradient.ts"
import * as Op from "../../compute/program/ops.ts"
import { adam } from "../../compute/program/optimisers.ts"
import * as Program from "../../compute/program/Program.ts"
import { hidden, trainingProgram, weights } from "../../compute/sae/trainingProgram.ts"
import { activate } from "../../compute/sae/activation.ts"
import type { Settings } from "./inputs.ts"
import { load } from "./inputs.ts"

export interface Case {
  /** Runs one step and returns its loss. */
  readonly step: (at: number) => Promise<number>
  readonly traffic: () => { readonly bytes: number; readonly runs: number }
  /** Gradients of the current state on batch `at`, by parameter. */
  readonly gradients: (at: number) => Promise<{ readonly [parameter: string]: HostTensor }>
}

const made = (
  run: Executable<"loss">,
  backward: Executable,
  state: { readonly [name: string]: Handle },
  inputs: (at: number) => { readonly [name: string]: HostTensor | Handle }
): Case => ({
  step: async (at) => numberOf((await run.run({ ...state, ...inputs(at) })).loss),
  traffic: run.traffic,
  gradients: (at) => backward.run({ ...state, ...inputs(at) })
})

export const sae = async (engine: Engine, settings: Settings): Promise<Case> => {
  const { batch, dims, dictionary, k, rows } = settings.sae
  const sizes = { batch, dims, features: dictionary }
  // A constant learning rate, as the peer has: the cosine ends where it starts.
  const recipe = { learningRate: 4e-4, finalRate: 1, steps: 1000, weightDecay: 0, renormalise: true }
  const program = trainingProgram(sizes, { type: "topk", k }, recipe)
  const parameters = weights(sizes)
  const x = Op.input("batch", [batch, dims])
  const { decoded } = activate({ type: "topk", k }, hidden(x, parameters), parameters.decoder, Op.scalar(0))
  const loss = Op.mean(Op.square(Op.sub(Op.add(decoded, parameters.centre), x)))
  const backward = Program.make("sae/gradients", { outputs: gradient(loss, parameters) })
  const data = load(settings.folder, "data", [rows, dims]).data as Float32Array
  const state = await createState(engine, program, {
    encoder: load(settings.folder, "encoder", [dictionary, dims]),
    decoder: load(settings.folder, "decoder", [dictionary, dims]),
    centre: load(settings.folder, "centre", [dims])
  })
  return made(await engine.compile(program), await engine.compile(backward), state, (at) => {
    const start = (at * batch) % rows
    return { batch: { shape: [batch, dims], data: data.subarray(start * dims, (start + batch) * dims) } }
  })
}

export const contrastive = async (engine: Engine, settings: Settings): Promise<Case> => {
  const { queries, documents, dims } = settings.contrastive
  const parameters = {
    queries: Op.state("queries", [queries, dims]),
    documents: Op.state("documents", [documents, dims]),
    logTemperature: Op.state("logTemperature", []),
    bias: Op.state("bias", [])
  }
  const scores = Op.matmul(Op.normaliseRows(parameters.queries), Op.normaliseRows(parameters.documents), {
    transposeB: true
  })
  const z = Op.mul(Op.exp(parameters.logTemperature), Op.sub(scores, parameters.bias))
  const labels = Op.input("labels", [queries, documents])
  const loss = Op.mean(Op.softplus(Op.neg(Op.mul(labels, z))))
  const gradients = gradient(loss, parameters)
  const program = Program.make("contrastive/step", {
    outputs: { loss },
    updates: adam(parameters, gradients, { learningRate: 1e-2 })
  })
  const state = await createState(engine, program, {
    queries: load(settings.folder, "queries", [queries, dims]),
    documents: load(settings.folder, "documents", [documents, dims]),
    logTemperature: { shape: [], data: Float32Array.of(Math.log(10)) }
  })
  const given = await engine.upload(load(settings.folder, "labels", [queries, documents]))
  const backward = Program.make("contrastive/gradients", { outputs: gradients })
  return made(await engine.compile(program), await engine.compile(backward), state, () => ({ labels: given }))
}

const filled = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i))

export const gemm = async (engine: Engine, settings: Settings): Promise<Case> => {
  const [m, k, n] = settings.gemm
  // The product stays in the engine, as training keeps it; its first entries come out.
  const product = Op.matmul(Op.input("a", [m, k]), Op.input("b", [k, n]))
  const first = Op.slice(Op.slice(product, 0, 0, 1), 1, 0, 16)
  const run = await engine.compile(Program.make("gemm", { outputs: { first } }))
  const a = await engine.upload({ shape: [m, k], data: filled(m * k) })
  const b = await engine.upload({ shape: [k, n], data: filled(k * n) })
  return {
    step: async () => (await run.run({ a, b })).first.data[0]!,
    traffic: run.traffic,
    gradients: async () => ({})
  }
}
