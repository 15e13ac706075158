/**
 * The alignment metrics of two matrices: what `asterism align a b` reports.
 *
 * Rows are joined by key. Two matrices without keys are joined by row and must have equally many; one with and one without
 * are refused. Values are on all common rows, whatever their number (blocked above 1,500: views.ts), with a permutation
 * null, and beside them mean and standard deviation over subsamples where there are rows enough.
 */
import * as Effect from "effect/Effect"
import { InputError } from "../../schemas/errors.ts"
import type { Metric } from "../../schemas/Metric.ts"
import { centreRows } from "./centre.ts"
import type { Convention } from "./conventions.ts"
import { duplicateKey, joinKeys } from "./joining.ts"
import { describe, parseMetrics, sizeKind } from "./metrics.ts"
import type { MetricSpec } from "./metrics.ts"
import { selectDense } from "./rows.ts"
import type { DenseRows } from "./rows.ts"
import { notesOf } from "./notes.ts"
import { itemPermutationsOf } from "./repeats.ts"
import {
  chanceOfPair,
  favouredOfPair,
  finiteOrNull,
  flatOfPair,
  itemsOfPair,
  meanAndDeviation,
  nullsOf,
  scorePair,
  tiesOfPair
} from "./scores.ts"
import type { TiedShares } from "./scores.ts"
import { drawnRows, permutationsOf, subsampleRows } from "./subsamples.ts"
import { needsOf, prepareView } from "./views.ts"
import type { PreparedView } from "./views.ts"

/** A matrix as read from a file; `keyed` is false where the keys are only row numbers. */
export interface NamedMatrix {
  readonly name: string
  readonly keys: ReadonlyArray<string>
  readonly keyed: boolean
  readonly dims: number
  readonly data: Float32Array | Float64Array
}

export interface AlignOptions {
  /** Neighbours; default 10. */
  readonly k?: number
  /** SVCCA keeps at most this many dimensions, fewer where a view has a smaller rank; default 10. */
  readonly q?: number
  /** Row-normalise, subtract the mean, row-normalise first; over the common rows. Default false. */
  readonly centre?: boolean
  /** See `parseMetrics`; default `["all"]`. */
  readonly metrics?: ReadonlyArray<string>
  readonly convention?: Convention
  /** Row permutations for the null; default 20. */
  readonly permutations?: number
  /** Subsamples and their size; default 10 of 1,000, and none where there are not more rows than that. */
  readonly subsamples?: number
  readonly subsampleSize?: number
  /** Fixes permutations and subsamples; default `"0"`. */
  readonly seed?: string
}

export interface AlignedMetric extends Metric {
  /** Neighbours, or dimensions for SVCCA; null for metrics without a size. */
  readonly k: number | null
  /** For metrics of neighbours: the share of each matrix's rows whose k-th neighbour is as similar as one left out. */
  readonly ties: TiedShares | null
  /** Whether `chance` is exact or the mean of the permutations. */
  readonly chanceBy: "formula" | "permutations" | null
  /** What else must be known of the row: many ties, permutations too few for a p. */
  readonly notes: ReadonlyArray<string>
}

export interface Alignment {
  readonly joinedBy: "key" | "row"
  readonly n: number
  readonly centred: boolean
  readonly convention: Convention
  readonly metrics: ReadonlyArray<AlignedMetric>
}

/** Aligns two matrices. Fails with an InputError that says what to do. */
export const alignMatrices = Effect.fnUntraced(function* (
  a: NamedMatrix,
  b: NamedMatrix,
  options: AlignOptions = {}
): Effect.fn.Return<Alignment, InputError> {
  const { k = 10, q = 10, convention = "exact", seed = "0", permutations = 20 } = options
  const specs = yield* Effect.try({
    try: () => parseMetrics(options.metrics ?? ["all"], { k, q }),
    catch: (error) =>
      new InputError({ what: (error as Error).message, where: "--metrics", next: "name metrics, or use all" })
  })
  if (permutations < 0 || !Number.isInteger(permutations)) {
    return yield* new InputError({
      what: `${permutations} permutations are not possible.`,
      where: "--permutations",
      expected: "a whole number from 0"
    })
  }
  yield* check(a)
  yield* check(b)
  const joined = yield* join(a, b)
  const n = joined.rowsA.rows
  const largestK = needsOf(specs).k
  if (n < 2 || largestK > n - 1) {
    return yield* new InputError({
      what: `There are ${n} common rows, too few for ${n < 2 ? "any metric" : `k = ${largestK} neighbours`}.`,
      where: `${a.name} and ${b.name}`,
      expected: `at least ${Math.max(2, largestK + 1)} rows`,
      ...(n < 2 ? {} : { next: `use --k ${Math.min(10, n - 1)} or less` })
    })
  }
  const centred = options.centre ?? false
  const rowsA = centred ? centreRows(joined.rowsA) : joined.rowsA
  const rowsB = centred ? centreRows(joined.rowsB) : joined.rowsB

  yield* Effect.yieldNow
  const viewA = prepareView(rowsA, needsOf(specs), { convention })
  yield* Effect.yieldNow
  const viewB = prepareView(rowsB, needsOf(specs), { convention })
  const sized = specs.map((spec) => withinRank(spec, options.metrics, viewA, viewB))
  const values = scorePair(viewA, viewB, sized, convention, undefined, `${seed}/all/value`)
  const chance = chanceOfPair(viewA, viewB, sized, convention)
  yield* Effect.yieldNow
  const permuted: Array<Float64Array> = []
  const items = itemsOfPair(viewA, viewB)
  const orders =
    items === undefined
      ? permutationsOf(seed, "all", n, permutations)
      : itemPermutationsOf(seed, "all", items, permutations)
  for (const [p, order] of orders.entries()) {
    permuted.push(scorePair(viewA, viewB, sized, convention, order, `${seed}/all/${p}`))
    yield* Effect.yieldNow
  }
  const nulls = nullsOf(sized, convention, values, permuted, favouredOfPair(viewA, viewB, sized, convention))

  const { subsamples = 10, subsampleSize = 1000 } = options
  const samples: Array<Float64Array> = []
  if (n > subsampleSize && largestK < drawnRows(n, subsampleSize)) {
    for (const [s, rows] of subsampleRows(seed, joined.keys, subsampleSize, subsamples).entries()) {
      yield* Effect.yieldNow
      const partA = prepareView(selectDense(rowsA, rows), needsOf(sized), { convention })
      const partB = prepareView(selectDense(rowsB, rows), needsOf(sized), { convention })
      samples.push(scorePair(partA, partB, sized, convention, undefined, `${seed}/${s}/value`))
    }
  }
  return {
    joinedBy: joined.by,
    n,
    centred,
    convention,
    metrics: sized.map((spec, m) => {
      const { direction, range, definition } = describe(spec, convention)
      const sample = samples.map((scores) => scores[m]).filter(Number.isFinite)
      const asked = specs[m].size
      const fewer =
        spec.size === asked
          ? ""
          : ` q is ${spec.size}, the smaller rank of the two views, not the ${asked} asked for.`
      const level = Number.isFinite(values[m]) ? (chance[m] ?? nulls[m]?.mean ?? null) : null
      const ties = tiesOfPair(viewA, viewB, spec)
      return {
        name: spec.name,
        value: finiteOrNull(values[m]),
        direction,
        range,
        definition: definition + fewer,
        n,
        k: spec.size,
        chance: level,
        chanceBy: level === null ? null : chance[m] === null ? "permutations" : "formula",
        ties,
        null: nulls[m],
        subsamples: sample.length < 2 ? null : { ...meanAndDeviation(sample), count: sample.length },
        notes: notesOf(spec, convention, ties, items, permutations, flatOfPair(viewA, viewB, convention))
      }
    })
  }
})

/** Without a size of its own, SVCCA takes as many dimensions as both views have, up to q. */
const withinRank = (
  spec: MetricSpec,
  names: ReadonlyArray<string> = [],
  a: PreparedView,
  b: PreparedView
): MetricSpec => {
  if (sizeKind[spec.name] !== "q" || spec.size === null) return spec
  const fixed = names.some((name) => name.includes("@") && Number(name.split("@")[1]) === spec.size)
  const rank = Math.min(a.basis?.size ?? 0, b.basis?.size ?? 0)
  return fixed || rank === 0 ? spec : { ...spec, size: Math.min(spec.size, rank) }
}

const check = Effect.fnUntraced(function* (matrix: NamedMatrix): Effect.fn.Return<void, InputError> {
  const { data, dims, keys, name } = matrix
  const bad = data.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0) {
    const row = Math.floor(bad / dims)
    return yield* new InputError({
      what: `Row ${row}${matrix.keyed ? ` ("${keys[row]}")` : ""}, column ${bad % dims} holds ${data[bad]}.`,
      where: name,
      expected: "finite numbers",
      next: "remove the row or fill it in"
    })
  }
  const twice = matrix.keyed ? duplicateKey(keys) : undefined
  if (twice !== undefined) {
    return yield* new InputError({
      what: `The key "${twice}" occurs more than once.`,
      where: name,
      expected: "one row for each key",
      next: "keep one of the rows"
    })
  }
})

interface JoinedRows {
  readonly by: "key" | "row"
  readonly keys: ReadonlyArray<string>
  readonly rowsA: DenseRows
  readonly rowsB: DenseRows
}

const whole = (matrix: NamedMatrix): DenseRows => ({
  rows: matrix.keys.length,
  dims: matrix.dims,
  data: matrix.data
})

const join = Effect.fnUntraced(function* (
  a: NamedMatrix,
  b: NamedMatrix
): Effect.fn.Return<JoinedRows, InputError> {
  if (a.keyed !== b.keyed) {
    const [keyed, bare] = a.keyed ? [a, b] : [b, a]
    return yield* new InputError({
      what: `${keyed.name} has keys and ${bare.name} has none.`,
      where: bare.name,
      expected: "keys in both files or in neither",
      next: `give the keys of ${bare.name}, one a line: --keys keys.txt`
    })
  }
  if (!a.keyed) {
    if (a.keys.length !== b.keys.length) {
      return yield* new InputError({
        what: `${a.name} has ${a.keys.length} rows and ${b.name} has ${b.keys.length}, and neither has keys.`,
        where: `${a.name} and ${b.name}`,
        expected: "equal row counts, because rows without keys are joined by position",
        next: "use files with a key column, or give keys with --keys"
      })
    }
    return { by: "row", keys: a.keys, rowsA: whole(a), rowsB: whole(b) }
  }
  const { keys, rows } = joinKeys([a.keys, b.keys])
  if (keys.length === 0) {
    return yield* new InputError({
      what: `No key is in both files: the first keys are "${a.keys[0]}" and "${b.keys[0]}".`,
      where: `${a.name} and ${b.name}`,
      expected: "rows with equal keys",
      next: "check that both name the same things, spelled alike"
    })
  }
  const select = (matrix: NamedMatrix, numbers: Uint32Array): DenseRows =>
    keys.length === matrix.keys.length && numbers.every((row, i) => row === i)
      ? whole(matrix)
      : selectDense(whole(matrix), numbers)
  return { by: "key", keys, rowsA: select(a, rows[0]), rowsB: select(b, rows[1]) }
})
