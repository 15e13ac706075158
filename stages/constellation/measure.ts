/**
 * Measures constellations: margins under three thresholds, relative bias, slack in the feasible region, ξ and centroid
 * gap, nearest-neighbour retrieval both ways, separating hyperplanes with the numbers separated, a linear probe.
 *
 * Vectors are scaled to unit length in float64 first. Definitions: `compute/constellation/{margins,feasibleRegion,
 * modalityGap,separation,perceptron,linearProbe}.ts`. Source: arXiv 2509.18552, sections 2 and 3, appendix E.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { regionSlack } from "../../compute/constellation/feasibleRegion.ts"
import { measureMargins, type Margins } from "../../compute/constellation/margins.ts"
import { pairRows, unitRows } from "../../compute/constellation/Pairing.ts"
import { edgesOf } from "../../compute/constellation/synchronisation.ts"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { ConstellationMeasures } from "../../schemas/ConstellationMeasures.ts"
import { InputError } from "../../schemas/errors.ts"
import { ScoreHistogram } from "../../schemas/ScoreHistogram.ts"
import { readBatch, side } from "./batch.ts"
import { edgeMeasures, meanOf, worstOf, type EdgeMeasures } from "./edgeMeasures.ts"
import { countScores, histogramRows } from "./histogram.ts"

/** Edges up to this many get rows of their own. */
const listedEdges = 6

export const measure = Stage.make("constellation/measure", {
  description: "Margins, relative bias, feasible region, ξ, retrieval and separation of constellations.",
  source: import.meta.url,
  params: Schema.Struct({
    graph: Schema.Literals(["complete", "star", "path"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("complete" as const))
    ),
    /** Hyperplanes, perceptron and probe: cost grows with the number of edges. */
    separation: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
    /** Bins of the score histograms over [−1, 1]. */
    bins: Schema.Int.pipe(
      Schema.check(Schema.isGreaterThan(0)),
      Schema.withDecodingDefaultKey(Effect.succeed(60))
    )
  }),
  inputs: { constellation: Constellation },
  outputs: { measures: ConstellationMeasures, histogram: ScoreHistogram },
  run: Effect.fn("constellation/measure")(function* ({ inputs, params }) {
    const batch = yield* readBatch(inputs.constellation)
    if (batch.modalities < 2) {
      return yield* new InputError({
        what: "One modality alone has no pairs to measure.",
        where: "constellation"
      })
    }
    const edges = edgesOf(params.graph, batch.modalities)
    const measures: Array<{
      point: string
      seed: number
      edge: string
      measure: string
      value: number | null
    }> = []
    const histogram: Array<ReturnType<typeof histogramRows>[number]> = []
    for (let run = 0; run < batch.runs.length; run++) {
      const name = batch.runs[run]
      const add = (edge: string, values: EdgeMeasures): void => {
        for (const [measure, value] of Object.entries(values)) {
          measures.push({ ...name, edge, measure, value: Number.isFinite(value) ? value : null })
        }
      }
      const sides = Array.from({ length: batch.modalities }, (_, k) =>
        unitRows(side(batch, run, k), batch.dims)
      )
      const counts = countScores(params.bins)
      const all: Array<Margins> = []
      const each: Array<EdgeMeasures> = []
      for (const { left, right } of edges) {
        const pairing = pairRows(sides[left], sides[right], batch.dims)
        const margins = measureMargins(pairing)
        counts.add(pairing)
        all.push(margins)
        const values = edgeMeasures(pairing, margins, params.separation)
        each.push(values)
        if (edges.length > 1 && edges.length <= listedEdges) add(`${left}-${right}`, values)
      }
      const lowest = Math.min(...all.map((margins) => margins.minPositive))
      const highest = Math.max(...all.map((margins) => margins.maxNegative))
      add("all", {
        ...meanOf(each),
        ...worstOf(each),
        /** Pairs of modalities that were measured: the graph's edges. */
        edges: edges.length,
        margin: (lowest - highest) / 2,
        fullGap: lowest - highest,
        relativeBias: (lowest + highest) / 2,
        zeroMargin: Math.min(lowest, -highest),
        minPositive: lowest,
        maxNegative: highest,
        ...regionSlack((lowest - highest) / 2, (lowest + highest) / 2, batch.items)
      })
      histogram.push(...histogramRows(name, counts))
      yield* Effect.yieldNow
    }
    return { measures, histogram }
  })
})

export default measure
