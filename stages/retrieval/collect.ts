/**
 * Gathers margins of many cells into one table and the three figures of the retrieval paper: margin against the number of
 * documents for each dimension, margin against dimension beside the proved bound, and the least dimension with a positive
 * margin (above its rounding bound) or with every query ranked right.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { MarginScores } from "../../schemas/MarginScores.ts"
import { Series } from "../../schemas/Series.ts"
import type { ValueOf } from "../../schemas/Kind.ts"

type Row = ValueOf<typeof MarginScores>[number]
type Point = ValueOf<typeof Series>[number]

export const collect = Stage.make("retrieval/collect", {
  description: "One table and three series of the margins of many cells.",
  source: import.meta.url,
  params: Schema.Struct({
    threshold: Schema.Literals(["zero", "global", "row"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("global" as const))
    )
  }),
  inputs: { margins: Stage.each(MarginScores) },
  outputs: { margins: MarginScores, byDocuments: Series, byDims: Series, leastDims: Series },
  run: Effect.fn("retrieval/collect")(function* ({ params, inputs }) {
    const all: Array<Row> = []
    for (const { artifact } of inputs.margins) for (const row of (yield* artifact.read).rows) all.push(row)
    const rows = all.filter(({ threshold }) => threshold === params.threshold)
    return {
      margins: all,
      byDocuments: meanOver(rows, { panel: "dims", symbol: "d", x: "documents" }),
      byDims: meanOver(
        [...rows, ...rows.map((row) => ({ ...row, method: "proved bound", margin: row.upperBound }))],
        { panel: "documents", symbol: "n", x: "dims" }
      ),
      leastDims: [
        ...least(rows, (row) => (row.margin ?? -1) > row.roundingBound, "positive margin"),
        ...least(rows, (row) => row.rankedRight === 1, "every query ranked right")
      ]
    }
  })
})

/** Means over seeds, with the lowest and the highest where there are several; panels by their numbers. */
const meanOver = (
  rows: ReadonlyArray<Row>,
  by: {
    readonly panel: "dims" | "documents"
    readonly symbol: string
    readonly x: "dims" | "documents"
  }
): ReadonlyArray<Point> => {
  const groups = new Map<string, { panel: number; method: string; x: number; values: Array<number> }>()
  for (const row of rows) {
    if (row.margin === null) continue
    const [panel, method, x] = [row[by.panel], row.method, row[by.x]]
    const key = `${panel} ${x} ${method}`
    const group = groups.get(key) ?? { panel, method, x, values: [] }
    group.values.push(row.margin)
    groups.set(key, group)
  }
  return [...groups.values()]
    .sort((p, q) => p.panel - q.panel || (p.method < q.method ? -1 : p.method > q.method ? 1 : p.x - q.x))
    .map(({ method, panel, values, x }) => ({
      series: `${by.symbol} = ${panel}/${method}`,
      x,
      y: values.reduce((sum, value) => sum + value, 0) / values.length,
      low: values.length > 1 ? Math.min(...values) : null,
      high: values.length > 1 ? Math.max(...values) : null
    }))
}

/** Least dimension that passes, by method and number of documents; null where none does. */
const least = (
  rows: ReadonlyArray<Row>,
  passes: (row: Row) => boolean,
  name: string
): ReadonlyArray<Point> => {
  const found = new Map<string, { method: string; documents: number; dims: number }>()
  for (const row of rows) {
    const key = `${row.method} ${row.documents}`
    const known = found.get(key) ?? {
      method: row.method,
      documents: row.documents,
      dims: Number.POSITIVE_INFINITY
    }
    if (passes(row) && row.dims < known.dims) known.dims = row.dims
    found.set(key, known)
  }
  return [...found.values()]
    .sort((p, q) => (p.method < q.method ? -1 : p.method > q.method ? 1 : p.documents - q.documents))
    .map(({ dims, documents, method }) => ({
      series: `${name}/${method}`,
      x: documents,
      y: Number.isFinite(dims) ? dims : null,
      low: null,
      high: null
    }))
}

export default collect
