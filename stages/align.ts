/**
 * Aligns every pair of views in every setting, on the same rows.
 *
 * A setting is one way of preparing the views: `raw`, `centred`, or `sparse` codes (scored as they are, and once more with
 * rows of unit length as `sparse-unit`). Each is an input of its own and may be wired to nothing (`{}`). Rows are the keys
 * that all views of all settings share; subsamples and permutations are drawn once for the node, so that values with the
 * same subsample are paired across pairs and settings. Neighbours, Gram matrices and CCA bases are made once for a view and
 * subsample, and every pair reads them.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { conventions } from "../compute/alignment/conventions.ts"
import type { Convention } from "../compute/alignment/conventions.ts"
import { describe, parseMetrics } from "../compute/alignment/metrics.ts"
import type { MetricSpec } from "../compute/alignment/metrics.ts"
import { selectRows, unitRows } from "../compute/alignment/rows.ts"
import type { Rows } from "../compute/alignment/rows.ts"
import { notesOf } from "../compute/alignment/notes.ts"
import { itemPermutationsOf } from "../compute/alignment/repeats.ts"
import {
  chanceOfPair,
  favouredOfPair,
  finiteOrNull,
  flatOfPair,
  itemsOfPair,
  nullsOf,
  scorePair,
  tiesOfPair
} from "../compute/alignment/scores.ts"
import { permutationsOf, subsampleRows } from "../compute/alignment/subsamples.ts"
import { subsampleName } from "../compute/statistics/subsampling.ts"
import { needsOf, prepareView } from "../compute/alignment/views.ts"
import * as Stage from "../engine/Stage.ts"
import { Progress } from "../engine/services/Progress.ts"
import { Random } from "../engine/services/Random.ts"
import { AlignmentScores } from "../schemas/AlignmentScores.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { InputError } from "../schemas/errors.ts"
import type { ValueOf } from "../schemas/Kind.ts"
import { SparseCodes } from "../schemas/SparseCodes.ts"
import { inputCheck, joinViews, loadDense, loadSparse, withKeys } from "./internal/alignmentViews.ts"

type Score = ValueOf<typeof AlignmentScores>[number]

/** A setting's views, with the rows that are needed of each. */
interface Setting {
  readonly name: string
  readonly views: ReadonlyArray<{ readonly name: string; readonly rows: Rows }>
}

/** Rows to score on: all of those loaded, or a subsample. */
interface Sample {
  readonly name: string
  readonly rows: Uint32Array | undefined
  readonly orders: ReadonlyArray<Uint32Array>
}

const natural = (least: number) => Schema.Int.check(Schema.isGreaterThanOrEqualTo(least))

export const align = Stage.make("alignment/align", {
  description: "Alignment metrics of all pairs of views on the same rows in every setting.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Names such as `mutual_knn`, or `mutual_knn@100` with a neighbour size (or SVCCA dimension) of its own; `all`; `l2prh`. */
    metrics: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["all"]))),
    /** Neighbours. */
    k: natural(1).pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    /** Dimensions kept by SVCCA. */
    q: natural(1).pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    subsampleSize: natural(4).pipe(Schema.withDecodingDefaultKey(Effect.succeed(1000))),
    subsamples: natural(0).pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    /**
     * Row permutations for the null of all common rows (of each subsample, where all rows are not scored); with fewer than 19 there is
     * no p.
     */
    permutations: natural(0).pipe(Schema.withDecodingDefaultKey(Effect.succeed(99))),
    /** Row permutations for the null of each subsample beside that. */
    subsamplePermutations: natural(0).pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
    /** Whether to score all common rows too, beside the subsamples. */
    all: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
    /** Which published code the numbers should agree with: see compute/alignment/conventions.ts. */
    convention: Schema.Literals(conventions).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("exact" as const))
    )
  }),
  inputs: {
    raw: Stage.each(Embeddings),
    centred: Stage.each(Embeddings),
    sparse: Stage.each(SparseCodes)
  },
  outputs: { scores: AlignmentScores },
  random: true,
  isolated: true,
  run: Effect.fn("alignment/align")(function* ({ params, inputs }) {
    const { convention, permutations } = params
    const progress = yield* Progress
    const { seed } = yield* Random
    const specs = yield* inputCheck("param metrics", () => parseMetrics(params.metrics, params))
    if (!params.all && params.subsamples === 0) {
      return yield* new InputError({
        what: "There is nothing to score: all is false and subsamples is 0.",
        next: "set one of them"
      })
    }

    const dense = [...inputs.raw, ...inputs.centred]
    const joined = yield* joinViews([...dense, ...inputs.sparse.map(withKeys)])
    const n = joined.keys.length
    const subsamples = subsampleRows(seed, joined.keys, params.subsampleSize, params.subsamples)
    const smallest = subsamples[0]?.length ?? n
    const { k } = needsOf(specs)
    if (k > smallest - 1 || smallest < 2) {
      return yield* new InputError({
        what: `k is ${k}, but ${subsamples.length > 0 ? "a subsample has" : "there are"} only ${smallest} rows.`,
        where: `${n} rows are common to all views`,
        expected:
          subsamples.length > 0
            ? `at least ${2 * (k + 1)} rows: subsamples come in pairs that have no row in common`
            : `at least ${k + 1} rows`,
        next:
          subsamples.length > 0
            ? "lower k, raise subsampleSize, set subsamples to 0 (then there are no intervals), or use a larger corpus"
            : "lower k, or use a larger corpus"
      })
    }

    // Without `all`, only rows that some subsample holds are loaded, and subsamples are numbered among those.
    const needed = params.all ? undefined : unionOf(subsamples, n)
    const rowsOf = (view: number): Uint32Array =>
      needed === undefined ? joined.rows[view] : needed.rows.map((row) => joined.rows[view][row])
    const samples: ReadonlyArray<Sample> = [
      ...(params.all
        ? [{ name: "all", rows: undefined, orders: permutationsOf(seed, "all", n, permutations) }]
        : []),
      ...subsamples.map((rows, s) => ({
        name: subsampleName(s),
        rows: needed === undefined ? rows : rows.map((row) => needed.place[row]),
        orders: permutationsOf(
          seed,
          subsampleName(s),
          rows.length,
          params.all ? params.subsamplePermutations : permutations
        )
      }))
    ]

    const settings: Array<Setting> = []
    for (const name of ["raw", "centred"] as const) {
      const views = yield* Effect.forEach(inputs[name], (member) =>
        Effect.map(loadDense(member, rowsOf(dense.indexOf(member))), (rows) => ({ name: member.name, rows }))
      )
      settings.push({ name, views })
    }
    const codes = yield* Effect.forEach(inputs.sparse, (member, s) =>
      Effect.map(loadSparse(member, rowsOf(dense.length + s)), (rows) => ({ name: member.name, rows }))
    )
    settings.push({ name: "sparse", views: codes })
    settings.push({
      name: "sparse-unit",
      views: codes.map(({ name, rows }) => ({ name, rows: unitRows(rows) }))
    })
    const paired = settings.filter(({ views }) => views.length > 1)
    if (paired.length === 0) {
      return yield* new InputError({
        what: "No setting has two views to align.",
        where: settings.map(({ name, views }) => `${name}: ${views.length}`).join(", "),
        next: "wire at least two views to raw, centred or sparse"
      })
    }

    const total =
      samples.length *
      paired.reduce((sum, { views }) => sum + views.length + (views.length * (views.length - 1)) / 2, 0)
    let done = 0
    const scores: Array<Score> = []
    for (const sample of samples) {
      for (const { name: setting, views } of paired) {
        const prepared = yield* Effect.forEach(views, ({ name, rows }) =>
          Effect.gen(function* () {
            const part = sample.rows === undefined ? rows : selectRows(rows, sample.rows)
            const view = prepareView(part, needsOf(specs), { convention })
            yield* progress.report(++done, total, `${setting}, ${sample.name}: ${name}`)
            yield* Effect.yieldNow
            return view
          })
        )
        for (let a = 0; a < views.length; a++) {
          for (let b = a + 1; b < views.length; b++) {
            const draw = `${seed}/${setting}/${sample.name}/${views[a].name}/${views[b].name}`
            const [viewA, viewB] = [prepared[a], prepared[b]]
            const values = scorePair(viewA, viewB, specs, convention, undefined, `${draw}/value`)
            const chance = chanceOfPair(viewA, viewB, specs, convention)
            const permuted: Array<Float64Array> = []
            const items = itemsOfPair(viewA, viewB)
            const orders =
              items === undefined
                ? sample.orders
                : itemPermutationsOf(seed, sample.name, items, sample.orders.length)
            for (const [p, order] of orders.entries()) {
              permuted.push(scorePair(viewA, viewB, specs, convention, order, `${draw}/${p}`))
              yield* Effect.yieldNow
            }
            const favoured = favouredOfPair(viewA, viewB, specs, convention)
            const nulls = nullsOf(specs, convention, values, permuted, favoured)
            specs.forEach((spec, m) => {
              const ties = tiesOfPair(viewA, viewB, spec)
              const flat = flatOfPair(viewA, viewB, convention)
              const notes = notesOf(spec, convention, ties, items, sample.orders.length, flat)
              scores.push({
                setting,
                a: views[a].name,
                b: views[b].name,
                subsample: sample.name,
                value: finiteOrNull(values[m]),
                n: viewA.n,
                common: n,
                chance: Number.isFinite(values[m]) ? (chance[m] ?? nulls[m]?.mean ?? null) : null,
                nullMean: nulls[m]?.mean ?? null,
                nullSd: nulls[m]?.sd ?? null,
                nullP: nulls[m]?.p ?? null,
                nullPermutations: nulls[m]?.permutations ?? 0,
                tiesA: ties?.a ?? null,
                tiesB: ties?.b ?? null,
                note: notes.length === 0 ? null : notes.join(" "),
                ...labels(spec, convention)
              })
            })
            yield* progress.report(
              ++done,
              total,
              `${setting}, ${sample.name}: ${views[a].name} × ${views[b].name}`
            )
            yield* Effect.yieldNow
          }
        }
      }
    }
    return { scores: inOrder(scores, paired, specs) }
  })
})

const labels = (spec: MetricSpec, convention: Convention): Pick<Score, "metric" | "k" | "direction"> => ({
  metric: spec.name,
  k: spec.size,
  direction: describe(spec, convention).direction
})

/** The rows in any of the subsamples, rising, and the place of each among them. */
const unionOf = (
  subsamples: ReadonlyArray<Uint32Array>,
  n: number
): { readonly rows: Uint32Array; readonly place: Uint32Array } => {
  const used = new Uint8Array(n)
  for (const rows of subsamples) for (const row of rows) used[row] = 1
  const place = new Uint32Array(n)
  const rows: Array<number> = []
  for (let i = 0; i < n; i++) {
    if (used[i] === 0) continue
    place[i] = rows.length
    rows.push(i)
  }
  return { rows: Uint32Array.from(rows), place }
}

/** Setting, then pair, then metric, then subsample: the order a reader looks things up in. */
const inOrder = (
  scores: ReadonlyArray<Score>,
  settings: ReadonlyArray<Setting>,
  specs: ReadonlyArray<MetricSpec>
): ReadonlyArray<Score> => {
  const settingOrder = new Map(settings.map(({ name }, s) => [name, s]))
  const viewOrder = new Map(
    settings.flatMap(({ name, views }) => views.map((view, v) => [`${name}\n${view.name}`, v]))
  )
  const specOrder = new Map(specs.map((spec, m) => [`${spec.name}@${spec.size}`, m]))
  const rank = (score: Score): ReadonlyArray<number> => [
    settingOrder.get(score.setting) ?? 0,
    viewOrder.get(`${score.setting}\n${score.a}`) ?? 0,
    viewOrder.get(`${score.setting}\n${score.b}`) ?? 0,
    specOrder.get(`${score.metric}@${score.k}`) ?? 0
  ]
  // The sort is stable, so subsamples stay in the order they were scored.
  return scores
    .map((score) => ({ score, rank: rank(score) }))
    .sort((x, y) => x.rank.map((r, i) => r - y.rank[i]).find((d) => d !== 0) ?? 0)
    .map(({ score }) => score)
}
