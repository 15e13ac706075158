/**
 * Two sets of unit vectors and which of them belong together: the one shape that every measure of a constellation reads.
 *
 * Left row i (an image, U_i) has exactly one positive partner, right row `match[i]` (its text, V_match(i)); every other
 * right row is a negative. In the paper match is the identity; with class names as texts many images share one text.
 *
 * Source: "Global Minimizers of Sigmoid Contrastive Loss", arXiv 2509.18552, section 2.
 */

export interface Pairing {
  /** U, row-major, `rows` × `dims`. */
  readonly left: Float32Array | Float64Array
  /** V, row-major, `columns` × `dims`. */
  readonly right: Float32Array | Float64Array
  readonly dims: number
  readonly rows: number
  readonly columns: number
  /** The positive partner of each left row, `rows` entries below `columns`. */
  readonly match: Uint32Array
}

/** The identity pairing of two equally long sets of vectors (each `rows` × `dims`). Throws a RangeError on other shapes. */
export const pairRows = (left: Pairing["left"], right: Pairing["right"], dims: number): Pairing => {
  const rows = left.length / dims
  if (!Number.isInteger(rows) || rows === 0 || left.length !== right.length) {
    throw new RangeError(
      `pairRows: ${left.length} and ${right.length} numbers are not two sets of equally many vectors of ${dims}.`
    )
  }
  return { left, right, dims, rows, columns: rows, match: Uint32Array.from({ length: rows }, (_, i) => i) }
}

/** A pairing with rows scaled to unit length, in float64. Throws a RangeError on a zero or non-finite row. */
export const normalised = (pairing: Pairing): Pairing => ({
  ...pairing,
  left: unitRows(pairing.left, pairing.dims),
  right: unitRows(pairing.right, pairing.dims)
})

/** Copies rows of `dims` numbers to float64 and scales each to unit length. */
export const unitRows = (data: Float32Array | Float64Array, dims: number): Float64Array => {
  const result = Float64Array.from(data)
  for (let start = 0; start < result.length; start += dims) {
    let square = 0
    for (let c = start; c < start + dims; c++) square += result[c] * result[c]
    const length = Math.sqrt(square)
    if (!(length > 0 && length < Infinity)) {
      throw new RangeError(`Row ${start / dims} has no direction (its length is ${length}).`)
    }
    for (let c = start; c < start + dims; c++) result[c] /= length
  }
  return result
}
