/** How far a training has come: its curve, its best embeddings and when it last gained; kept in checkpoints. */
import type { HostTensor } from "../../compute/Engine.ts"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import type { Margins } from "../../compute/margin/margins.ts"
import type { Relevance } from "../../compute/margin/Relevance.ts"
import type { State } from "../../engine/services/Checkpoint.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import type { Series } from "../../schemas/Series.ts"
import type { TrainingParams } from "./trainingParams.ts"

const curveNames = ["zero", "global", "row", "ranked right", "loss", "temperature", "bias"] as const

interface Gathered {
  readonly done: number
  /** The loss of the first step; null before it. */
  readonly firstLoss: number | null
  /** One value for each of `curveNames` at each evaluated step. */
  readonly points: ReadonlyArray<{ readonly step: number; readonly values: ReadonlyArray<number | null> }>
  /** The greatest global margin (zero margin where A has one class) at any evaluation. */
  readonly bestMargin: number
  /** What is watched when it last gained enough, and at which step. */
  readonly watched: number
  readonly watchedStep: number
}

export interface TrainingProgress extends Gathered {
  readonly best: EmbeddingPair | undefined
}

/** JSON has no −∞: the best margin before the first evaluation. */
const LOWEST = -1e300

export const noProgress: TrainingProgress = {
  done: 0,
  firstLoss: null,
  points: [],
  bestMargin: LOWEST,
  watched: LOWEST,
  watchedStep: 0,
  best: undefined
}

/** After as many steps as there are losses. */
export const advanced = (before: TrainingProgress, losses: ArrayLike<number>): TrainingProgress => ({
  ...before,
  done: before.done + losses.length,
  firstLoss: before.firstLoss ?? losses[0] ?? null
})

/** One evaluation after step `done`. */
export const evaluated = (
  before: TrainingProgress,
  a: Relevance,
  pair: EmbeddingPair,
  measured: Margins,
  at: { readonly loss: number; readonly temperature: number; readonly bias: number },
  params: TrainingParams
): TrainingProgress => {
  const score = measured.global ?? measured.zero
  const watched = params.watch === "loss" ? -at.loss : score
  const gained = watched > before.watched + (params.watch === "loss" ? 1e-5 : 1e-4)
  const { global, row, zero } = measured
  const values = [zero, global, row, measured.rankedRows / a.rows, at.loss, at.temperature, at.bias]
  return {
    done: before.done,
    firstLoss: before.firstLoss,
    points: [...before.points, { step: before.done, values }],
    ...(score > before.bestMargin
      ? { bestMargin: score, best: pair }
      : { bestMargin: before.bestMargin, best: before.best }),
    watched: gained ? watched : before.watched,
    watchedStep: gained ? before.done : before.watchedStep
  }
}

export const curveOf = ({ points }: TrainingProgress): ValueOf<typeof Series> =>
  curveNames.flatMap((series, at) =>
    points.map(({ step: x, values }) => ({ series, x, y: values[at], low: null, high: null }))
  )

/** What a checkpoint holds beside the program's states. */
export const progressState = ({ best, ...gathered }: TrainingProgress): Required<State> => ({
  metadata: { progress: JSON.stringify(gathered) },
  tensors: bestTensors(best)
})

const bestTensors = (best: EmbeddingPair | undefined): { readonly [name: string]: HostTensor } =>
  best === undefined
    ? {}
    : {
        "loop/bestQueries": { shape: [best.queries.length / best.dims, best.dims], data: best.queries },
        "loop/bestDocuments": { shape: [best.documents.length / best.dims, best.dims], data: best.documents }
      }

export const resumedProgress = ({ metadata, tensors }: Required<State>, dims: number): TrainingProgress => {
  const [queries, documents] = [tensors["loop/bestQueries"], tensors["loop/bestDocuments"]]
  return {
    ...(JSON.parse(metadata.progress!) as Gathered),
    best:
      queries === undefined || documents === undefined
        ? undefined
        : { dims, queries: Float64Array.from(queries.data), documents: Float64Array.from(documents.data) }
  }
}
