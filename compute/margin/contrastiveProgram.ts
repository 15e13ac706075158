/**
 * Contrastive training of free embeddings on a relevance matrix, as tensor programs: one step is one program.
 *
 * sigmoid: Σ over all N n pairs of softplus(∓ t (s − b)), − on relevant pairs; t is an inverse temperature, trained
 *          directly. `relative` (the reference): z = t (s − b); `absolute`: z = t s − b.
 * infonce: mean over relevant pairs of −log softmax over all n documents of s / T; T is a temperature in [1e-4, 100].
 *
 * The signs ∓ are an input. Writing softplus(−z) = softplus(z) − z instead would need no signs, but its gradient at a
 * relevant pair, σ(z) − 1, is nothing in float32 once z > 17, where −σ(−z) is still exact to its last digit: t then stops
 * growing and the margin ends 6 % lower (n = 20, d = 20: 0.272 where this gives 0.290). Adam (learning rate 1e-2), linear
 * warm-up from 0.1 over 5 % of the steps, cosine to 1 %; rows put back on the sphere after each step.
 * Source: `embed_data/*_embed.py` of the code of arXiv 2605.23556.
 */
import type { HostTensor } from "../Engine.ts"
import { gradient } from "../program/gradient.ts"
import * as Op from "../program/ops.ts"
import { adam, cosineSchedule, finishedSteps, warmUp } from "../program/optimisers.ts"
import * as Program from "../program/Program.ts"
import type { Tensor } from "../program/Tensor.ts"
import { positives, type Relevance } from "./Relevance.ts"

export interface ContrastiveSettings {
  readonly loss: "sigmoid" | "infonce"
  readonly dims: number
  readonly steps: number
  readonly learningRate: number
  /** `warm-up-cosine`: the recipe of arXiv 2605.23556; `constant`: that of arXiv 2508.21038. */
  readonly schedule: "warm-up-cosine" | "constant"
  readonly parameterisation: "relative" | "absolute"
  /** Whether t (sigmoid) or T (InfoNCE) is trained. */
  readonly trainTemperature: boolean
  /** Sigmoid only: whether b is trained. */
  readonly trainBias: boolean
  /** Width of given features of queries and documents, where linear adapters are trained on them; 0 for free embeddings. */
  readonly features: number
  /** `euclidean`: the gradient of the loss as written; `tangential`: less its part along each row. */
  readonly gradient: "euclidean" | "tangential"
}

/** Bounds of the InfoNCE temperature. */
export const temperatureRange = [1e-4, 1e2] as const

/**
 * With features the embeddings are normalised linear images of them: states `queryMap` and `documentMap` [D, d] take the
 * place of `queries` and `documents`, and inputs `queryFeatures` [N, D] and `documentFeatures` [n, D] are added.
 *
 * States: queries [N, d], documents [n, d], temperature [], bias [] and Adam's moments. Inputs: for the sigmoid loss
 * `signs` [N, n], −1 on relevant pairs and 1 elsewhere; for InfoNCE `positives` [nnz] places j·n + i and `counts` [N]
 * positives a row. Output: the loss before the step.
 */
export const contrastiveProgram = (a: Relevance, settings: ContrastiveSettings): Program.Program<"loss"> => {
  const { dims, steps } = settings
  const adapted = settings.features > 0
  const first = adapted
    ? Op.state("queryMap", [settings.features, dims])
    : Op.state("queries", [a.rows, dims])
  const second = adapted
    ? Op.state("documentMap", [settings.features, dims])
    : Op.state("documents", [a.columns, dims])
  const temperature = Op.state("temperature", [])
  const bias = Op.state("bias", [])
  const unit = (x: Tensor): Tensor =>
    settings.gradient === "tangential" || adapted ? Op.normaliseRows(x) : x
  const queries = adapted ? Op.matmul(Op.input("queryFeatures", [a.rows, settings.features]), first) : first
  const documents = adapted
    ? Op.matmul(Op.input("documentFeatures", [a.columns, settings.features]), second)
    : second
  const scores = Op.matmul(unit(queries), unit(documents), { transposeB: true })
  const loss =
    settings.loss === "sigmoid"
      ? sigmoid(a, scores, temperature, bias, settings.parameterisation)
      : infonce(a, scores, temperature)

  const parameters: { [state: string]: Tensor } = adapted
    ? { queryMap: first, documentMap: second }
    : { queries: first, documents: second }
  if (settings.trainTemperature) parameters.temperature = temperature
  if (settings.trainBias && settings.loss === "sigmoid") parameters.bias = bias
  const rate =
    settings.schedule === "constant" ? settings.learningRate : warmUpCosine(settings.learningRate, steps)
  const updates: { [state: string]: Tensor } = {
    ...adam(parameters, gradient(loss, parameters), { learningRate: rate })
  }
  if (!adapted) {
    updates.queries = Op.normaliseRows(updates.queries)
    updates.documents = Op.normaliseRows(updates.documents)
  }
  if (settings.loss === "infonce" && settings.trainTemperature) {
    updates.temperature = Op.minimum(
      Op.maximum(updates.temperature, temperatureRange[0]),
      temperatureRange[1]
    )
  }
  return Program.make(`contrastive/${settings.loss}`, { outputs: { loss }, updates })
}

/** From 0.1 · peak over the first 5 % of the steps, then along a cosine to 0.01 · peak. */
const warmUpCosine = (peak: number, steps: number): Tensor => {
  const warm = Math.max(1, Math.round(0.05 * steps))
  const finished = finishedSteps()
  return Op.mul(
    warmUp(finished, { steps: warm, start: 0.1 }),
    cosineSchedule(Op.maximum(Op.sub(finished, warm), 0), {
      peak,
      total: Math.max(1, steps - warm),
      final: 0.01
    })
  )
}

/** Σ softplus(∓z) over all pairs. */
const sigmoid = (
  a: Relevance,
  scores: Tensor,
  t: Tensor,
  b: Tensor,
  parameterisation: "relative" | "absolute"
): Tensor => {
  const shift = parameterisation === "relative" ? Op.mul(t, b) : b
  const z = Op.sub(Op.mul(t, scores), shift)
  return Op.sum(Op.softplus(Op.mul(Op.input("signs", [a.rows, a.columns]), z)))
}

const infonce = (a: Relevance, scores: Tensor, temperature: Tensor): Tensor => {
  const z = Op.div(scores, temperature)
  const partition = Op.sum(Op.mul(Op.input("counts", [a.rows]), Op.logSumExp(z, { axes: [1] })))
  const places = Op.input("positives", [positives(a)], "int")
  const relevant = Op.sum(Op.gatherRows(Op.reshape(z, [a.rows * a.columns]), places))
  return Op.mul(Op.sub(partition, relevant), 1 / Math.max(1, positives(a)))
}

/** What the program of a loss reads beside its states. */
export const contrastiveInputs = (
  a: Relevance,
  loss: ContrastiveSettings["loss"]
): { readonly [name: string]: HostTensor } => {
  const places = new Int32Array(positives(a))
  const counts = new Float32Array(a.rows)
  for (let j = 0; j < a.rows; j++) {
    counts[j] = a.indptr[j + 1] - a.indptr[j]
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) places[e] = j * a.columns + a.indices[e]
  }
  if (loss === "infonce") {
    return { positives: { shape: [places.length], data: places }, counts: { shape: [a.rows], data: counts } }
  }
  const signs = new Float32Array(a.rows * a.columns).fill(1)
  for (const place of places) signs[place] = -1
  return { signs: { shape: [a.rows, a.columns], data: signs } }
}
