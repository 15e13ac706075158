/**
 * Where a trained model's two views lie: the constellation measures for any number of rows, in one blocked pass over the
 * scores. Margins are given as they are and without a share of outliers on each side, as real data has mislabelled pairs:
 *
 *   trimmed   q-quantile of the positive scores in place of the smallest, (1 − q)-quantile of the negatives in place of the
 *             largest, q = `outlierShare`
 *
 * Memory: both views in float32 twice, and one block of scores; never N × M. With t and b given, the mean sigmoid loss too:
 * the bias is subtracted, so SigLIP's published `logit_bias` is −b and its `logit_scale` is log t.
 *
 * Source: arXiv 2509.18552, section 5 (ImageNet study).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { blockedScores } from "../../compute/constellation/blockedScores.ts"
import { regionSlack } from "../../compute/constellation/feasibleRegion.ts"
import { probeModality } from "../../compute/constellation/linearProbe.ts"
import { softplus } from "../../compute/constellation/loss.ts"
import { measureMargins } from "../../compute/constellation/margins.ts"
import { measureModalityGap } from "../../compute/constellation/modalityGap.ts"
import { perceptron } from "../../compute/constellation/perceptron.ts"
import { makeScoreCounter } from "../../compute/constellation/quantiles.ts"
import * as Stage from "../../engine/Stage.ts"
import { ConstellationMeasures } from "../../schemas/ConstellationMeasures.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { Labels } from "../../schemas/Labels.ts"
import { ScoreHistogram } from "../../schemas/ScoreHistogram.ts"
import { histogramRows } from "./histogram.ts"
import { pairUp } from "./pairUp.ts"

export const measureTrained = Stage.make("constellation/measure-trained", {
  description:
    "Margins, separability and modality gap of two paired views of any size, with an outlier share.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Names the rows of the results. */
    point: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("trained"))),
    /** Share of positives and of negatives left out of the trimmed margin. */
    outlierShare: Schema.Finite.pipe(
      Schema.check(Schema.isBetween({ minimum: 0, maximum: 0.5 })),
      Schema.withDecodingDefaultKey(Effect.succeed(0.05))
    ),
    inverseTemperature: Schema.NullOr(Schema.Finite).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(null))
    ),
    /** b of z = t s − b. */
    bias: Schema.NullOr(Schema.Finite).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
    bins: Schema.Int.pipe(
      Schema.check(Schema.isGreaterThan(0)),
      Schema.withDecodingDefaultKey(Effect.succeed(128))
    ),
    perceptronRounds: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(200)))
  }),
  inputs: { left: Embeddings, right: Embeddings, labels: Stage.optional(Labels) },
  outputs: { measures: ConstellationMeasures, histogram: ScoreHistogram },
  resources: { cpu: 1, memory: "4 GiB" },
  kernels: true,
  isolated: true,
  run: Effect.fn("constellation/measure-trained")(function* ({ inputs, params }) {
    const labels =
      inputs.labels === undefined
        ? undefined
        : new Map((yield* inputs.labels.read).rows.map((row) => [row.key, row.label]))
    const { dropped, pairing } = yield* pairUp(
      yield* inputs.left.readFloat32,
      yield* inputs.right.readFloat32,
      labels
    )
    const positive = makeScoreCounter()
    const negative = makeScoreCounter()
    const { bias, inverseTemperature: t } = params
    let loss = 0
    const margins = measureMargins(pairing, (given, visit) =>
      blockedScores(given, (start, count, scores) => {
        visit(start, count, scores)
        for (let i = 0; i < count; i++) {
          const partner = given.match[start + i]
          for (let j = 0; j < given.columns; j++) {
            const score = scores[i * given.columns + j]
            if (j === partner) positive.add(score)
            else negative.add(score)
            if (t !== null && bias !== null) {
              const z = t * score - bias
              loss += softplus(j === partner ? -z : z)
            }
          }
        }
      })
    )
    const low = positive.quantile(params.outlierShare)
    const high = negative.quantile(1 - params.outlierShare)
    const learned = perceptron(pairing, { rounds: params.perceptronRounds })
    const values: { readonly [measure: string]: number | null } = {
      pairs: pairing.rows,
      texts: pairing.columns,
      withoutPartner: dropped,
      ...margins,
      ...regionSlack(margins.margin, margins.relativeBias, pairing.columns),
      trimmedMargin: (low - high) / 2,
      trimmedRelativeBias: (low + high) / 2,
      trimmedPositive: low,
      trimmedNegative: high,
      // The margin of averages, which Theorem 3.4 bounds too.
      meanMargin: (margins.meanPositive - margins.meanNegative) / 2,
      meanRelativeBias: (margins.meanPositive + margins.meanNegative) / 2,
      ...measureModalityGap(pairing),
      perceptronLeftMistakes: learned.leftMisclassified,
      perceptronRightMistakes: learned.rightMisclassified,
      separable: learned.separated ? 1 : null,
      probeAccuracy: probeModality(pairing, 2048),
      loss: t === null || bias === null ? null : loss / (pairing.rows * pairing.columns)
    }
    return {
      measures: Object.entries(values).map(([measure, value]) => ({
        point: params.point,
        seed: 0,
        edge: "all",
        measure,
        value: value === null || !Number.isFinite(value) ? null : value
      })),
      histogram: histogramRows(
        { point: params.point, seed: 0 },
        {
          bins: params.bins,
          positive: positive.histogram(params.bins),
          negative: negative.histogram(params.bins)
        }
      )
    }
  })
})

export default measureTrained
