/**
 * Compares two runs: what differed in their inputs, then every number of the tables both have, paired.
 *
 * A table takes part if it has a `value` column; numbers.ts says how its numbers are named. Value, change and interval of a
 * number are of the same rows: of the subsamples that both runs have, with the change on all rows as an entry of its own
 * beside it. Intervals: compute/statistics/subsampling.ts for subsamples, Student's t over seeds.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Store } from "../artifacts/Store.ts"
import { changesBetween, type Change, type Measured } from "../compute/statistics/pairedChange.ts"
import { meanInterval, meanOf, type Interval } from "../compute/statistics/subsampling.ts"
import { diffComponents } from "../engine/fingerprint/Fingerprint.ts"
import type { RunFile } from "../engine/run/RunFile.ts"
import { own } from "../schemas/named.ts"
import { tableKind } from "./artifact.ts"
import { numbersOf, sharedNames, type Cells, type Numbers } from "./numbers.ts"

/** Coverage of every interval of a comparison. */
export const confidence = 0.95

export interface NodeChange {
  readonly node: string
  readonly only?: "a" | "b"
  readonly reasons: ReadonlyArray<string>
}

/** One number before and after, and how sure its change is: everything is of the same rows. */
export interface NumberChange {
  /** What both values were measured on: all common rows, the mean over subsamples or over seeds, or one value. */
  readonly over: "all rows" | "subsamples" | "seeds" | "one value"
  /** How many rows each value is over, where the tables say. */
  readonly rows: readonly [before: number | null, after: number | null]
  /** How many rows there were to draw from, where the tables say. */
  readonly common: readonly [before: number | null, after: number | null]
  /** How many subsamples or seeds both runs have. */
  readonly repeated: number
  readonly before: number
  readonly after: number
  readonly change: {
    readonly mean: number
    /** For the difference between populations, or over seeds; null where there is no interval. */
    readonly low: number | null
    readonly high: number | null
    readonly covers: "populations" | "seeds" | null
  }
  /** For the mean over every subsample of the same rows. */
  readonly choiceOfRows: { readonly low: number; readonly high: number } | null
  /** Where the interval of `change` leaves zero out. */
  readonly verdict: "better" | "worse" | null
}

export interface MetricChange extends NumberChange {
  readonly node: string
  readonly output: string
  /** The columns that name the number: setting, views, metric, k. */
  readonly key: { readonly [column: string]: string }
  /** Which of those columns tell rows apart that have equal names: a window, a cut-off. */
  readonly within: ReadonlyArray<string>
  readonly direction: string | null
  /** The same number measured otherwise: on all rows, beside subsamples. */
  readonly also: ReadonlyArray<NumberChange>
}

export interface Comparison {
  readonly a: string
  readonly b: string
  readonly confidence: number
  readonly changes: ReadonlyArray<NodeChange>
  readonly metrics: ReadonlyArray<MetricChange>
  /** Numbers that both runs have and that are equal. */
  readonly equal: number
  /** Numbers that only one of the runs has (of another k, say), by node and output, with the first of them. */
  readonly unmatched: ReadonlyArray<{
    readonly node: string
    readonly output: string
    readonly only: "a" | "b"
    readonly count: number
    readonly first: { readonly [column: string]: string }
  }>
  /** Tables whose rows no columns tell apart, which are not compared. */
  readonly unnamed: ReadonlyArray<{ readonly node: string; readonly output: string }>
}

const changesOf = Effect.fnUntraced(function* (a: RunFile, b: RunFile) {
  const store = yield* Store
  const changes: Array<NodeChange> = []
  const recordOf = (fingerprint: string | null) =>
    fingerprint === null
      ? Effect.succeed(undefined)
      : Effect.map(store.record(fingerprint), Option.getOrUndefined)
  for (const node of new Set([...Object.keys(a.nodes), ...Object.keys(b.nodes)])) {
    const [left, right] = [own(a.nodes, node), own(b.nodes, node)]
    if (left === undefined || right === undefined) {
      changes.push({ node, only: left === undefined ? "b" : "a", reasons: [] })
      continue
    }
    if (left.fingerprint === right.fingerprint) continue
    const [before, after] = [yield* recordOf(left.fingerprint), yield* recordOf(right.fingerprint)]
    const reasons =
      before === undefined || after === undefined
        ? ["its record was removed"]
        : diffComponents(before.components, after.components, { pending: new Set(), names: {} }).map(
            (reason) => reason.text
          )
    changes.push({ node, reasons })
  }
  return changes
})

const verdictOf = (low: number | null, high: number | null, direction: string | null) =>
  direction === null || low === null || high === null || (low <= 0 && high >= 0)
    ? null
    : low > 0 === (direction === "higher")
      ? ("better" as const)
      : ("worse" as const)

const ends = (interval: Interval | null) =>
  interval === null ? null : { low: interval.low, high: interval.high }

const measured = (numbers: Numbers): Measured => ({
  all: numbers.all,
  draws: { values: numbers.repeated, rows: numbers.drawRows, common: numbers.common }
})

const ofSubsamples = (change: Change, direction: string | null, repeats: boolean): NumberChange => {
  const { after, before, choice, common, over, populations, rows, subsamples } = change
  const [low, high] = [populations?.low ?? null, populations?.high ?? null]
  return {
    over: over === "all rows" && !repeats && rows[0] === null ? "one value" : over,
    rows,
    common,
    repeated: subsamples,
    before,
    after,
    change: { mean: change.change, low, high, covers: populations === null ? null : "populations" },
    choiceOfRows: ends(choice),
    verdict: verdictOf(low, high, direction)
  }
}

/** Over the seeds that both runs have; where they share none, the means of each with no interval. */
const ofSeeds = (before: Numbers, after: Numbers): NumberChange => {
  const shared = [...before.repeated.keys()].filter((seed) => after.repeated.has(seed))
  const take = (numbers: Numbers): ReadonlyArray<number> =>
    shared.length === 0 ? [...numbers.repeated.values()] : shared.map((seed) => numbers.repeated.get(seed)!)
  const [earlier, later] = [take(before), take(after)]
  const [from, to] = [meanOf(earlier), meanOf(later)]
  const interval =
    shared.length === 0
      ? null
      : meanInterval(
          shared.map((seed) => after.repeated.get(seed)! - before.repeated.get(seed)!),
          confidence,
          Math.max(Math.abs(from), Math.abs(to))
        )
  const [low, high] = [interval?.low ?? null, interval?.high ?? null]
  return {
    over: "seeds",
    rows: [null, null],
    common: [null, null],
    repeated: shared.length,
    before: from,
    after: to,
    change: { mean: to - from, low, high, covers: interval === null ? null : "seeds" },
    choiceOfRows: null,
    verdict: verdictOf(low, high, before.direction)
  }
}

/** The changes of a number, the one to show first; none where it is the same in both runs. */
const compareNumbers = (before: Numbers, after: Numbers): ReadonlyArray<NumberChange> => {
  const shared = [...before.repeated.keys()].filter((name) => after.repeated.has(name))
  const same =
    before.all === after.all &&
    before.repeated.size === after.repeated.size &&
    shared.length === before.repeated.size &&
    shared.every((name) => before.repeated.get(name) === after.repeated.get(name))
  if (same) return []
  const bySeed = before.repeatedBy === "seed" && after.repeatedBy === "seed"
  if (bySeed && before.repeated.size > 0 && after.repeated.size > 0) return [ofSeeds(before, after)]
  const found = changesBetween(measured(before), measured(after), confidence)
  return found.map((change) => ofSubsamples(change, before.direction, before.repeatedBy !== null))
}

const tableRows = Effect.fnUntraced(function* (digest: string) {
  const store = yield* Store
  const manifest = yield* store.manifest(digest)
  if (manifest.format !== "table" || manifest.layout.value === undefined) return undefined
  const reader = yield* store.open(tableKind(manifest), digest)
  return (yield* reader.read).rows as ReadonlyArray<Cells>
})

export const compareRuns = Effect.fn("compareRuns")(function* (a: RunFile, b: RunFile) {
  const metrics: Array<MetricChange> = []
  const unmatched: Array<Comparison["unmatched"][number]> = []
  const unnamed: Array<Comparison["unnamed"][number]> = []
  let equal = 0
  for (const [node, left] of Object.entries(a.nodes)) {
    for (const [output, { digest }] of Object.entries(left.outputs ?? {})) {
      const other = own(own(b.nodes, node)?.outputs ?? {}, output)
      if (other === undefined) continue
      const before = yield* tableRows(digest)
      const after = other.digest === digest ? before : yield* tableRows(other.digest)
      if (before === undefined || after === undefined) continue
      const names = sharedNames(before, after)
      if (names === undefined) {
        unnamed.push({ node, output })
        continue
      }
      const earlier = numbersOf(before, names)
      if (other.digest === digest) {
        equal += earlier.size
        continue
      }
      const later = numbersOf(after, names)
      for (const [id, numbers] of earlier) {
        const match = later.get(id)
        if (match === undefined) continue
        const [first, ...also] = compareNumbers(numbers, match)
        if (first === undefined) equal += 1
        else {
          const key = { ...numbers.key }
          const [from, to] = [key.step, match.key.step]
          if (from !== undefined && to !== undefined && from !== to) key.step = `${from} → ${to}`
          metrics.push({
            node,
            output,
            key,
            within: numbers.within,
            direction: numbers.direction,
            ...first,
            also
          })
        }
      }
      for (const [only, mine, others] of [
        ["a", earlier, later],
        ["b", later, earlier]
      ] as const) {
        const missing = [...mine].filter(([id]) => !others.has(id)).map(([, { key }]) => key)
        if (missing.length > 0)
          unmatched.push({ node, output, only, count: missing.length, first: missing[0]! })
      }
    }
  }
  return {
    a: a.id,
    b: b.id,
    confidence,
    changes: yield* changesOf(a, b),
    metrics,
    equal,
    unmatched,
    unnamed
  } satisfies Comparison
})
