/** Looks into an artifact: its manifest, its first rows, statistics over all of it, and where it came from. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Manifest } from "../artifacts/Manifest.ts"
import { Store } from "../artifacts/Store.ts"
import { setOwn } from "../schemas/named.ts"
import { jsonKind, matrixKind, sparseKind, tableKind, tensorsKind } from "./artifact.ts"
import { bytes, columns, short } from "./output.ts"

export interface Inspected {
  readonly manifest: Manifest
  readonly path: string
  /** First rows, as text cells. */
  readonly head: ReadonlyArray<ReadonlyArray<string>>
  /** Name → value: mean, sd, norms, sparsity, distinct values, ... */
  readonly statistics: { readonly [name: string]: string | number | null }
  /** Ancestors, nearest first: digest, kind and the node that made it. */
  readonly lineage: ReadonlyArray<{ readonly digest: string; readonly kind: string; readonly node: string }>
}

const firstRows = 8
const firstColumns = 6
const digits = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(6))

const inspectMatrix = Effect.fnUntraced(function* (manifest: Manifest) {
  const store = yield* Store
  const reader = yield* store.open(matrixKind(manifest), manifest.digest)
  const head: Array<ReadonlyArray<string>> = []
  let sum = 0
  let squares = 0
  let least = Infinity
  let greatest = -Infinity
  let norms = 0
  yield* Stream.runForEach(reader.blocks, (block) =>
    Effect.sync(() => {
      for (let i = 0; i < block.keys.length; i++) {
        const row = block.data.subarray(i * block.dims, (i + 1) * block.dims)
        if (head.length < firstRows) {
          const shown = Array.from(row.subarray(0, firstColumns), digits)
          head.push([block.keys[i]!, ...shown, ...(block.dims > firstColumns ? ["…"] : [])])
        }
        let norm = 0
        for (const value of row) {
          sum += value
          norm += value * value
          if (value < least) least = value
          if (value > greatest) greatest = value
        }
        squares += norm
        norms += Math.sqrt(norm)
      }
    })
  )
  const count = reader.rows * reader.dims
  const mean = sum / count
  return {
    head: [
      ["key", ...Array.from({ length: Math.min(firstColumns, reader.dims) }, (_, j) => String(j))],
      ...head
    ],
    statistics: {
      mean,
      sd: Math.sqrt(Math.max(0, squares / count - mean * mean)),
      min: least,
      max: greatest,
      "mean row norm": norms / reader.rows
    }
  }
})

const inspectSparse = Effect.fnUntraced(function* (manifest: Manifest) {
  const store = yield* Store
  const reader = yield* store.open(sparseKind(manifest), manifest.digest)
  const rows = yield* reader.read
  const stored = rows.indices.length
  const head = rows.keys.slice(0, firstRows).map((key, i) => {
    const from = rows.indptr[i]!
    const to = Math.min(rows.indptr[i + 1]!, from + firstColumns)
    const entries = Array.from(
      rows.indices.subarray(from, to),
      (column, j) => `${column}:${digits(rows.values?.[from + j] ?? 1)}`
    )
    return [key, entries.join(" ") + (rows.indptr[i + 1]! > to ? " …" : "")]
  })
  return {
    head: [["key", "column:value"], ...head],
    statistics: {
      "stored entries": stored,
      "entries a row": stored / Math.max(1, rows.keys.length),
      density: stored / Math.max(1, rows.keys.length * rows.dims)
    }
  }
})

const inspectTable = Effect.fnUntraced(function* (manifest: Manifest) {
  const store = yield* Store
  const reader = yield* store.open(tableKind(manifest), manifest.digest)
  const { rows, columns: schema } = yield* reader.read
  const names = Object.keys(schema)
  const statistics: { [name: string]: string } = {}
  for (const name of names) {
    const values = rows.map((row) => row[name]).filter((value) => value !== null)
    const numbers = values.filter((value) => typeof value === "number")
    const summary =
      numbers.length > 0
        ? `${digits(numbers.reduce((a, b) => Math.min(a, b), Infinity))} … ${digits(numbers.reduce((a, b) => Math.max(a, b), -Infinity))}, mean ${digits(numbers.reduce((a, b) => a + b, 0) / numbers.length)}`
        : `${new Set(values).size} distinct`
    const nulls = rows.length - values.length
    setOwn(statistics, name, nulls > 0 ? `${summary}, ${nulls} null` : summary)
  }
  const head = rows.slice(0, firstRows).map((row) =>
    names.map((name) => {
      const value = row[name]
      return value === null || value === undefined
        ? "–"
        : typeof value === "number"
          ? digits(value)
          : String(value).slice(0, 60)
    })
  )
  return { head: [names, ...head], statistics }
})

const contents = Effect.fnUntraced(function* (manifest: Manifest) {
  const store = yield* Store
  switch (manifest.format) {
    case "matrix":
      return yield* inspectMatrix(manifest)
    case "sparse":
      return yield* inspectSparse(manifest)
    case "table":
      return yield* inspectTable(manifest)
    case "tensors": {
      const { tensors } = yield* (yield* store.open(tensorsKind(manifest), manifest.digest)).read
      return {
        head: [
          ["tensor", "shape"],
          ...Object.entries(tensors).map(([name, tensor]) => [name, tensor.shape.join(" × ")])
        ],
        statistics: {}
      }
    }
    case "json": {
      const value = yield* (yield* store.open(jsonKind(manifest), manifest.digest)).read
      return {
        head: JSON.stringify(value, null, 2)
          .split("\n")
          .slice(0, 2 * firstRows)
          .map((text) => [text]),
        statistics: {}
      }
    }
    case "file":
      return { head: [], statistics: {} }
  }
})

/** Ancestors breadth first, each once. */
const ancestors = Effect.fnUntraced(function* (manifest: Manifest) {
  const store = yield* Store
  const found: Array<Inspected["lineage"][number]> = []
  const seen = new Set<string>([manifest.digest])
  const queue = [...manifest.lineage]
  for (const digest of queue) {
    if (seen.has(digest)) continue
    seen.add(digest)
    const parent = yield* store.manifest(digest).pipe(Effect.option)
    if (parent._tag === "None") continue
    found.push({ digest, kind: parent.value.kind, node: parent.value.producer?.node ?? "imported" })
    queue.push(...parent.value.lineage)
  }
  return found
})

export const inspect = Effect.fn("inspect")(function* (digest: string) {
  const store = yield* Store
  const manifest = yield* store.manifest(digest)
  const { head, statistics } = yield* contents(manifest)
  return {
    manifest,
    path: yield* store.pathOf(digest),
    head,
    statistics,
    lineage: yield* ancestors(manifest)
  } satisfies Inspected
})

export const inspectText = ({ manifest, path, head, statistics, lineage }: Inspected): string => {
  const shape =
    manifest.rows === null
      ? ""
      : manifest.dims === null
        ? `, ${manifest.rows} rows`
        : `, ${manifest.rows} × ${manifest.dims}`
  const shown = Object.entries(statistics).map(([name, value]) => [
    `  ${name}`,
    typeof value === "number" ? digits(value) : String(value)
  ])
  return [
    `${manifest.kind} ${manifest.digest}`,
    `${manifest.format}${shape}, ${bytes(manifest.bytes)}, ${path}`,
    `${Object.entries(manifest.layout)
      .map(([name, type]) => `${name}: ${type}`)
      .join(", ")}`,
    ...(head.length === 0 ? [] : ["", columns(head.map((row) => ["", ...row]))]),
    ...(shown.length === 0 ? [] : ["", "statistics", columns(shown)]),
    "",
    manifest.producer === null
      ? "imported by hand"
      : `made by ${manifest.producer.node} of ${manifest.producer.pipeline} (stage ${manifest.producer.stage}, record ${short(manifest.producer.fingerprint)})`,
    ...(lineage.length === 0
      ? []
      : ["lineage", columns(lineage.map((one) => [`  ${short(one.digest)}`, one.kind, one.node]))])
  ].join("\n")
}
