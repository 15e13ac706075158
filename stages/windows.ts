/**
 * Alignment against word frequency (arXiv 2605.28870, the noise study): metrics in rolling windows of words of falling
 * frequency, a line fitted to them, and the neighbour overlap of single words against the logarithm of their frequency.
 *
 * Words are those that the frequencies and all views share, most frequent first, ties in the frequencies' order. The
 * views should be centred over the whole vocabulary beforehand. Window w holds ranks w · stride … w · stride + size − 1;
 * its x is (mean frequency + 1e-12)^(−1/2).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, parseMetrics } from "../compute/alignment/metrics.ts"
import { neighboursOf } from "../compute/alignment/neighbours.ts"
import type { Neighbours } from "../compute/alignment/neighbours.ts"
import { overlapByRow } from "../compute/alignment/overlap.ts"
import { selectDense } from "../compute/alignment/rows.ts"
import type { DenseRows } from "../compute/alignment/rows.ts"
import { chanceOfPair, finiteOrNull, scorePair } from "../compute/alignment/scores.ts"
import { needsOf, prepareView } from "../compute/alignment/views.ts"
import type { PreparedView } from "../compute/alignment/views.ts"
import { bandsOf, rollingWindows, shrunkWindows } from "../compute/alignment/windows.ts"
import { leastSquares } from "../compute/statistics/leastSquares.ts"
import { spearman, spearmanP } from "../compute/statistics/spearman.ts"
import * as Stage from "../engine/Stage.ts"
import { Progress } from "../engine/services/Progress.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { Frequencies } from "../schemas/Frequencies.ts"
import { FrequencyFits } from "../schemas/FrequencyFits.ts"
import { FrequencyOverlap } from "../schemas/FrequencyOverlap.ts"
import { FrequencyWindows } from "../schemas/FrequencyWindows.ts"
import { InputError } from "../schemas/errors.ts"
import type { ValueOf } from "../schemas/Kind.ts"
import { inputCheck, joinViews, loadDense } from "./internal/alignmentViews.ts"

/** Windows as asked for; where nothing is asked, the paper's, or smaller ones on fewer words. */
const shapeOf = (
  words: number,
  asked: { readonly windows: number; readonly size: number | null; readonly stride: number | null }
): { readonly windows: number; readonly size: number; readonly stride: number } => {
  const { size, stride, windows } = asked
  if (size === null && stride === null) return shrunkWindows(words, { windows, size: 500, stride: 250 })
  return {
    windows,
    size: size ?? Math.max(4, 2 * stride!),
    stride: stride ?? Math.max(1, Math.floor(size! / 2))
  }
}

/** A line through two windows passes through both, whatever they are. */
const leastFitted = 3

const natural = (least: number) => Schema.Int.check(Schema.isGreaterThanOrEqualTo(least))

export const windows = Stage.make("alignment/windows", {
  description: "Alignment in rolling windows over word frequency, with least-squares fits.",
  source: import.meta.url,
  params: Schema.Struct({
    metrics: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["all"]))),
    k: natural(1).pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    q: natural(1).pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    /** Number of windows; fewer where the words run out. */
    windows: natural(1).pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    /**
     * Words a window; more than there are is refused. null is twice the stride; where both are null 500 words every 250,
     * and on words too few for two such windows as many windows in proportion smaller.
     */
    size: Schema.NullOr(natural(4)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(500))),
    /** Ranks from one window to the next; null is half the size. */
    stride: Schema.NullOr(natural(1)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(250)))
  }),
  inputs: { frequencies: Frequencies, views: Stage.each(Embeddings) },
  outputs: { windows: FrequencyWindows, fits: FrequencyFits, overlap: FrequencyOverlap },
  isolated: true,
  run: Effect.fn("alignment/windows")(function* ({ params, inputs }) {
    const progress = yield* Progress
    const specs = yield* inputCheck("param metrics", () => parseMetrics(params.metrics, params))
    const needs = needsOf(specs)
    if (inputs.views.length < 2) {
      return yield* new InputError({ what: "There is one view or none.", expected: "at least two views" })
    }

    const table = (yield* inputs.frequencies.read).rows
    const sorted = table
      .map((row, at) => ({ ...row, at }))
      .sort((x, y) => y.frequency - x.frequency || x.at - y.at)
    const byKey = new Map(sorted.map((row) => [row.key, row.frequency]))
    const joined = yield* joinViews(
      inputs.views,
      sorted.map((row) => row.key)
    )
    const frequency = Float64Array.from(joined.keys, (key) => byKey.get(key) ?? 0)
    const n = joined.keys.length
    const shape = shapeOf(n, params)
    const ranges = rollingWindows(frequency, shape)
    if (ranges.length === 0 || needs.k > shape.size - 1 || params.k > n - 1) {
      return yield* new InputError({
        what: `${n} common words do not fill one window of ${shape.size} with k = ${Math.max(needs.k, params.k)}.`,
        expected: `at least ${Math.max(shape.size, needs.k + 1)} words, and k below the window's size`,
        next: "lower size or k, set size=null and stride=null for windows that fit, or use a larger vocabulary"
      })
    }

    const views: Array<DenseRows> = []
    for (const [v, member] of inputs.views.entries()) views.push(yield* loadDense(member, joined.rows[v]))
    const pairs: Array<readonly [number, number]> = []
    for (let a = 0; a < views.length; a++) for (let b = a + 1; b < views.length; b++) pairs.push([a, b])
    const name = (view: number): string => inputs.views[view].name
    const total = (ranges.length + 1) * views.length
    let done = 0

    // Scores by window, then pair, then metric.
    const scored: Array<
      ReadonlyArray<{ readonly values: Float64Array; readonly chance: ReadonlyArray<number | null> }>
    > = []
    for (const range of ranges) {
      const rows = Uint32Array.from({ length: shape.size }, (_, i) => range.firstRank + i)
      const prepared: Array<PreparedView> = []
      for (const view of views) {
        prepared.push(prepareView(selectDense(view, rows), needs, { convention: "exact" }))
        yield* progress.report(++done, total, `window from rank ${range.firstRank}`)
        yield* Effect.yieldNow
      }
      scored.push(
        pairs.map(([a, b]) => ({
          values: scorePair(prepared[a], prepared[b], specs, "exact"),
          chance: chanceOfPair(prepared[a], prepared[b], specs, "exact")
        }))
      )
    }

    const windowRows: Array<ValueOf<typeof FrequencyWindows>[number]> = []
    const fits: Array<ValueOf<typeof FrequencyFits>[number]> = []
    pairs.forEach(([a, b], p) => {
      specs.forEach((spec, m) => {
        const { direction } = describe(spec, "exact")
        const label = { a: name(a), b: name(b), metric: spec.name, k: spec.size }
        ranges.forEach((range, w) => {
          windowRows.push({
            ...label,
            ...range,
            window: w,
            value: finiteOrNull(scored[w][p].values[m]),
            direction,
            chance: scored[w][p].chance[m]
          })
        })
        const present = ranges.map((_, w) => w).filter((w) => Number.isFinite(scored[w][p].values[m]))
        const line =
          present.length < leastFitted
            ? undefined
            : leastSquares(
                present.map((w) => ranges[w].x),
                present.map((w) => scored[w][p].values[m])
              )
        fits.push({
          ...label,
          windows: present.length,
          intercept: line?.intercept ?? null,
          slope: line?.slope ?? null,
          rSquared: line?.r2 ?? null,
          noisier: (direction === "higher" ? -1 : 1) * (line?.slope ?? 0) > 0
        })
      })
    })

    const neighbours: Array<Neighbours> = []
    for (const view of views) {
      neighbours.push(neighboursOf(view, params.k))
      yield* progress.report(++done, total, "neighbours of all words")
      yield* Effect.yieldNow
    }
    const logFrequency = frequency.map((f) => Math.log(f))
    const overlap: Array<ValueOf<typeof FrequencyOverlap>[number]> = []
    for (const [a, b] of pairs) {
      const label = { a: name(a), b: name(b), k: params.k }
      const byWord = overlapByRow(neighbours[a], neighbours[b], params.k)
      const rho = spearman(byWord, logFrequency)
      const bands = bandsOf(byWord, frequency, 5)
      bands.forEach((band, at) => {
        overlap.push({
          ...label,
          band: at,
          ...band,
          rho: at === 0 ? finiteOrNull(rho) : null,
          rhoP: at === 0 ? finiteOrNull(spearmanP(rho, n)) : null
        })
      })
    }
    return { windows: windowRows, fits, overlap }
  })
})
