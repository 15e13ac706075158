/**
 * Compares two runs: what differed in their inputs, then every number of the tables both have, paired.
 *
 * A table takes part if it has a `value` column. Rows are matched by their text columns; where there is a `subsample`
 * column, rows of one group are paired by subsample, and the mean difference gets a bootstrap interval (95 %, 2,000
 * resamples of the subsamples). Subsamples are the same rows in both runs when the study seed is the same.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Store } from "../artifacts/Store.ts"
import { makeRandom } from "../compute/random/RandomStream.ts"
import type { PairedChange } from "../compute/statistics/pairedBootstrap.ts"
import { pairedBootstrap } from "../compute/statistics/pairedBootstrap.ts"
import { diffComponents } from "../engine/fingerprint/Fingerprint.ts"
import type { RunFile } from "../engine/run/RunFile.ts"
import { own, setOwn } from "../schemas/named.ts"
import type { Row } from "../schemas/Table.ts"
import { tableKind } from "./artifact.ts"

export interface NodeChange {
  readonly node: string
  readonly only?: "a" | "b"
  readonly reasons: ReadonlyArray<string>
}

export interface MetricChange {
  readonly node: string
  readonly output: string
  /** The text columns that name the number: setting, views, metric. */
  readonly key: { readonly [column: string]: string }
  readonly direction: string | null
  /** On all rows where the table has that, else the mean over subsamples. */
  readonly before: number
  readonly after: number
  /** How many rows each value is over, where the tables say; different rows make the pairing approximate. */
  readonly rows: readonly [before: number, after: number] | null
  /** Over subsamples, paired; null where there is only one value on each side. */
  readonly change: PairedChange | null
}

export interface Comparison {
  readonly a: string
  readonly b: string
  readonly changes: ReadonlyArray<NodeChange>
  readonly metrics: ReadonlyArray<MetricChange>
  /** Numbers that both runs have and that are equal. */
  readonly equal: number
}

const describing = new Set(["direction", "definition"])

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

interface Group {
  readonly key: MetricChange["key"]
  readonly direction: string | null
  readonly values: Map<string, number>
  /** The largest n: of all rows, where they were scored. */
  rows: number | null
}

/** Rows by the text columns that name them, subsamples apart. */
const groupsOf = (
  rows: ReadonlyArray<Row<{ readonly [name: string]: "utf8" }>>
): ReadonlyMap<string, Group> => {
  const groups = new Map<string, Group>()
  for (const row of rows as ReadonlyArray<{ readonly [name: string]: unknown }>) {
    const value = row.value
    if (typeof value !== "number") continue
    const key: { [column: string]: string } = {}
    for (const [column, cell] of Object.entries(row)) {
      if (typeof cell === "string" && column !== "subsample" && !describing.has(column))
        setOwn(key, column, cell)
    }
    const id = JSON.stringify(key)
    const group = groups.get(id) ?? {
      key,
      direction: typeof row.direction === "string" ? row.direction : null,
      values: new Map<string, number>(),
      rows: null
    }
    if (typeof row.n === "number") group.rows = Math.max(group.rows ?? 0, row.n)
    group.values.set(String(row.subsample ?? "all"), value)
    groups.set(id, group)
  }
  return groups
}

const meanOf = (values: ReadonlyMap<string, number>): number => {
  const all = values.get("all")
  if (all !== undefined) return all
  let sum = 0
  for (const value of values.values()) sum += value
  return sum / values.size
}

const compareGroups = (
  node: string,
  output: string,
  before: Group,
  after: Group
): MetricChange | undefined => {
  const shared = [...before.values.keys()].filter((subsample) => after.values.has(subsample))
  if (shared.every((subsample) => before.values.get(subsample) === after.values.get(subsample)))
    return undefined
  const differences = shared
    .filter((subsample) => subsample !== "all")
    .map((subsample) => after.values.get(subsample)! - before.values.get(subsample)!)
  return {
    node,
    output,
    key: before.key,
    direction: before.direction,
    before: meanOf(before.values),
    after: meanOf(after.values),
    rows: before.rows === null || after.rows === null ? null : [before.rows, after.rows],
    change:
      differences.length < 2
        ? null
        : pairedBootstrap(differences, makeRandom("asterism diff", JSON.stringify(before.key)), {
            resamples: 2000,
            confidence: 0.95
          })
  }
}

const tableRows = Effect.fnUntraced(function* (digest: string) {
  const store = yield* Store
  const manifest = yield* store.manifest(digest)
  if (manifest.format !== "table" || manifest.layout.value === undefined) return undefined
  const reader = yield* store.open(tableKind(manifest), digest)
  return (yield* reader.read).rows as ReadonlyArray<Row<{ readonly [name: string]: "utf8" }>>
})

export const compareRuns = Effect.fn("compareRuns")(function* (a: RunFile, b: RunFile) {
  const metrics: Array<MetricChange> = []
  let equal = 0
  for (const [node, left] of Object.entries(a.nodes)) {
    for (const [output, { digest }] of Object.entries(left.outputs ?? {})) {
      const other = own(own(b.nodes, node)?.outputs ?? {}, output)
      if (other === undefined) continue
      const before = yield* tableRows(digest)
      if (before === undefined) continue
      const groups = groupsOf(before)
      if (other.digest === digest) {
        equal += groups.size
        continue
      }
      const after = groupsOf((yield* tableRows(other.digest)) ?? [])
      for (const [id, group] of groups) {
        const match = after.get(id)
        if (match === undefined) continue
        const change = compareGroups(node, output, group, match)
        if (change === undefined) equal += 1
        else metrics.push(change)
      }
    }
  }
  return { a: a.id, b: b.id, changes: yield* changesOf(a, b), metrics, equal } satisfies Comparison
})
