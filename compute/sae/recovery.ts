/**
 * How many true directions a dictionary found: for each attribute the largest |cos| with any decoder row, and the
 * share of attributes above a threshold. Cost O(P · D · d).
 */
import type { Matrix } from "../../schemas/Matrix.ts"

const unitRows = (data: ArrayLike<number>, dims: number): Float64Array => {
  const rows = Float64Array.from(data)
  for (let start = 0; start < rows.length; start += dims) {
    const row = rows.subarray(start, start + dims)
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0))
    for (let j = 0; j < dims; j++) row[j] = norm === 0 ? 0 : row[j]! / norm
  }
  return rows
}

export interface Recovered {
  readonly attribute: string
  /** The decoder row that is nearest, and its |cos|. */
  readonly feature: number
  readonly cosine: number
}

export const recoverDirections = (
  directions: Matrix,
  decoder: ArrayLike<number>
): ReadonlyArray<Recovered> => {
  const { dims, keys } = directions
  const truth = unitRows(directions.data, dims)
  const found = unitRows(decoder, dims)
  return keys.map((attribute, i) => {
    let [feature, cosine] = [0, -1]
    for (let row = 0; row * dims < found.length; row++) {
      let product = 0
      for (let j = 0; j < dims; j++) product += truth[i * dims + j]! * found[row * dims + j]!
      if (Math.abs(product) > cosine) [feature, cosine] = [row, Math.abs(product)]
    }
    return { attribute, feature, cosine }
  })
}
