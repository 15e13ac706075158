/**
 * Corpora whose population is known, scored as alignment/align scores them: what the coverage of intervals is counted on.
 *
 * A row is s · exp(0.4 g), s of 10 normals, seen by two views through fixed directions into 24 dimensions, with normal noise
 * of 3 (view B) and 3.6 (view A). Two settings of view A are compared: `none`, two noisy copies of the same law, so that the
 * difference between populations is exactly 0; `noise`, the second with 1.15 times the noise; `centring`, the same view with
 * an offset of length 3 before and after centring both. The directions belong to the population: they are the same in all
 * trials.
 */
import { centreRows } from "../../compute/alignment/centre.ts"
import { parseMetrics, type MetricSpec } from "../../compute/alignment/metrics.ts"
import { selectDense, type DenseRows } from "../../compute/alignment/rows.ts"
import { scorePair } from "../../compute/alignment/scores.ts"
import { drawnRows, subsampleRows } from "../../compute/alignment/subsamples.ts"
import { needsOf, prepareView, type PreparedView } from "../../compute/alignment/views.ts"
import { makeRandom, type RandomStream } from "../../compute/random/RandomStream.ts"
import type { Measured } from "../../compute/statistics/pairedChange.ts"
import { subsampleName } from "../../compute/statistics/subsampling.ts"

export type World = "none" | "noise" | "centring"

/** The two settings of one corpus: view A before, view A after, and view B in both. */
export interface Corpus {
  readonly before: readonly [a: DenseRows, b: DenseRows]
  readonly after: readonly [a: DenseRows, b: DenseRows]
}

const [signalDims, dims] = [10, 24]

const directionsOf = (name: string): Float64Array => {
  const directions = new Float64Array(signalDims * dims)
  makeRandom("coverage", name).fillGaussian(directions)
  return directions
}

const view = (
  signal: Float64Array,
  directions: Float64Array,
  noise: number,
  offset: number,
  random: RandomStream
): DenseRows => {
  const rows = signal.length / signalDims
  const data = new Float64Array(rows * dims)
  random.fillGaussian(data, noise)
  for (let i = 0; i < rows; i++)
    for (let s = 0; s < signalDims; s++) {
      const weight = signal[i * signalDims + s]!
      for (let j = 0; j < dims; j++) data[i * dims + j]! += weight * directions[s * dims + j]!
    }
  for (let i = 0; i < rows * dims; i += dims) data[i]! += offset
  return { rows, dims, data }
}

const [directionsA, directionsB] = [directionsOf("A"), directionsOf("B")]

/** A new corpus of `rows` rows. */
export const drawCorpus = (world: World, rows: number, random: RandomStream): Corpus => {
  const signal = new Float64Array(rows * signalDims)
  for (let i = 0; i < rows; i++) {
    const size = Math.exp(0.4 * random.gaussian())
    for (let s = 0; s < signalDims; s++) signal[i * signalDims + s] = size * random.gaussian()
  }
  const offset = world === "centring" ? 3 : 0
  const a = view(signal, directionsA, 3.6, offset, random)
  const b = view(signal, directionsB, 3, offset, random)
  if (world === "centring") return { before: [a, b], after: [centreRows(a), centreRows(b)] }
  const other = view(signal, directionsA, world === "noise" ? 1.15 * 3.6 : 3.6, 0, random)
  const centredB = centreRows(b)
  return { before: [centreRows(a), centredB], after: [centreRows(other), centredB] }
}

export const specsOf = (metrics: ReadonlyArray<string>): ReadonlyArray<MetricSpec> =>
  parseMetrics(metrics, { k: 10, q: 10 })

type Pair = Corpus["before"]

/** The metrics of each pair of views on these rows; a view that several pairs share is prepared once. */
const scoresOn = (
  pairs: ReadonlyArray<Pair>,
  specs: ReadonlyArray<MetricSpec>,
  rows: Uint32Array
): ReadonlyArray<Float64Array> => {
  const prepared = new Map<DenseRows, PreparedView>()
  for (const view of new Set(pairs.flat()))
    prepared.set(view, prepareView(selectDense(view, rows), needsOf(specs), { convention: "exact" }))
  return pairs.map(([a, b]) => scorePair(prepared.get(a)!, prepared.get(b)!, specs, "exact"))
}

/** The change of each metric from one setting to the other, on the same rows. */
export const changesOn = (
  { after, before }: Corpus,
  specs: ReadonlyArray<MetricSpec>,
  rows: Uint32Array
): ReadonlyArray<number> => {
  const [earlier, later] = scoresOn([before, after], specs, rows)
  return specs.map((_, m) => later![m]! - earlier![m]!)
}

/** What the stage would write of settings on the same rows: for each, metric by metric, its subsamples as drawn. */
export const measure = (
  settings: ReadonlyArray<Pair>,
  keys: ReadonlyArray<string>,
  specs: ReadonlyArray<MetricSpec>,
  options: { readonly seed: string; readonly size: number; readonly subsamples: number }
): ReadonlyArray<ReadonlyArray<Measured>> => {
  const common = keys.length
  const drawn = subsampleRows(options.seed, keys, options.size, options.subsamples).map((rows) =>
    scoresOn(settings, specs, rows)
  )
  return settings.map((_, setting) =>
    specs.map((__, m) => ({
      all: null,
      draws: {
        values: new Map(drawn.map((scores, s) => [subsampleName(s), scores[setting]![m]!])),
        rows: drawnRows(common, options.size),
        common
      }
    }))
  )
}
