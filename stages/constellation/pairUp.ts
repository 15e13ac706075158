/** Joins two views into a pairing: by label where labels are given, by key otherwise. Rows become float32 unit vectors. */
import * as Effect from "effect/Effect"
import type { Pairing } from "../../compute/constellation/Pairing.ts"
import { InputError } from "../../schemas/errors.ts"
import type { Matrix } from "../../schemas/Matrix.ts"

/** The partner of each left row by right key; undefined entries have none and are dropped, with a count. */
export interface Paired {
  readonly pairing: Pairing & { readonly left: Float32Array; readonly right: Float32Array }
  readonly dropped: number
}

/** Scales the chosen rows to unit length in float32; undefined where a row has no direction. */
const unitRowsOf = (matrix: Matrix<Float32Array>, rows: Uint32Array): Float32Array | number => {
  const { data, dims } = matrix
  const result = new Float32Array(rows.length * dims)
  for (let i = 0; i < rows.length; i++) {
    let square = 0
    for (let c = 0; c < dims; c++) square += data[rows[i] * dims + c] ** 2
    const length = Math.sqrt(square)
    if (!(length > 0 && length < Infinity)) return rows[i]
    for (let c = 0; c < dims; c++) result[i * dims + c] = data[rows[i] * dims + c] / length
  }
  return result
}

export const pairUp = Effect.fn("constellation/pairUp")(function* (
  left: Matrix<Float32Array>,
  right: Matrix<Float32Array>,
  labels: ReadonlyMap<string, string> | undefined
): Effect.fn.Return<Paired, InputError> {
  if (left.dims !== right.dims) {
    return yield* new InputError({
      what: `The two views have ${left.dims} and ${right.dims} dimensions: their vectors have no inner products.`,
      where: "inputs left and right",
      expected: "two views in one space, such as the image and text side of one model",
      next: "map them into one space first, with constellation/adapt"
    })
  }
  const columnOf = new Map(right.keys.map((key, at) => [key, at]))
  const rows: Array<number> = []
  const match: Array<number> = []
  for (let i = 0; i < left.keys.length; i++) {
    const label = labels === undefined ? left.keys[i] : labels.get(left.keys[i])
    const column = label === undefined ? undefined : columnOf.get(label)
    if (column === undefined) continue
    rows.push(i)
    match.push(column)
  }
  if (rows.length === 0 || right.keys.length < 2) {
    return yield* new InputError({
      what:
        rows.length === 0
          ? `No row of 'left' has a partner in 'right' by ${labels === undefined ? "key" : "label"}.`
          : "With one text alone there is no negative pair.",
      where: "inputs left and right",
      expected:
        labels === undefined
          ? `keys in common, such as '${right.keys[0]}'`
          : "labels that are keys of 'right'"
    })
  }
  // Without labels, right rows that nobody is paired with would count as negatives that the user did not mean.
  const columns = labels === undefined ? Uint32Array.from(match) : Uint32Array.from(right.keys, (_, at) => at)
  const units = [unitRowsOf(left, Uint32Array.from(rows)), unitRowsOf(right, columns)] as const
  const [u, v] = units
  if (typeof u === "number" || typeof v === "number") {
    const [side, row] = typeof u === "number" ? ["left", left.keys[u]] : ["right", right.keys[v as number]]
    return yield* new InputError({
      what: `Row '${row}' has no direction: its length is 0 or not finite.`,
      where: `input ${side}`,
      expected: "rows that can be scaled to unit length"
    })
  }
  return {
    pairing: {
      left: u,
      right: v,
      dims: left.dims,
      rows: rows.length,
      columns: columns.length,
      match: labels === undefined ? Uint32Array.from(rows, (_, at) => at) : Uint32Array.from(match)
    },
    dropped: left.keys.length - rows.length
  }
})
