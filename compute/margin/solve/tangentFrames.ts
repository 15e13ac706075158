/**
 * Orthonormal frames of the tangent spaces of unit vectors, without storing them: the frame at x ∈ R^d is the first d − 1
 * columns of the reflection I − 2 r rᵀ that takes x to ∓ the last axis, with r along x ± (last axis), the sign that of
 * x's last coordinate, so that nothing cancels. Only r (d numbers a point) is kept; coordinates ↔ vectors cost 4 d flops.
 * Source: Golub & Van Loan, Matrix Computations, 5.1.
 */

/** Fills `reflectors` (count × d) for the unit rows of `points` (count × d). */
export const tangentFrames = (points: Float64Array, dims: number, reflectors: Float64Array): void => {
  for (let start = 0; start < points.length; start += dims) {
    const last = points[start + dims - 1]
    // |x ± e|² = 2 + 2|last|
    const scale = 1 / Math.sqrt(2 + 2 * Math.abs(last))
    for (let k = start; k < start + dims; k++) reflectors[k] = points[k] * scale
    reflectors[start + dims - 1] += last < 0 ? -scale : scale
  }
}

/** Frame coordinates (d − 1, at `to`) of the ambient vector at `from`, in the frame whose reflector is at `frame`. */
export const toFrame = (
  reflectors: Float64Array,
  frame: number,
  dims: number,
  vector: Float64Array,
  from: number,
  out: Float64Array,
  to: number
): void => {
  let along = 0
  for (let k = 0; k < dims; k++) along += reflectors[frame + k] * vector[from + k]
  along *= 2
  for (let k = 0; k < dims - 1; k++) out[to + k] = vector[from + k] - along * reflectors[frame + k]
}

/** The ambient vector (d, at `to`) with the frame coordinates (d − 1) at `from`. */
export const fromFrame = (
  reflectors: Float64Array,
  frame: number,
  dims: number,
  coordinates: Float64Array,
  from: number,
  out: Float64Array,
  to: number
): void => {
  let along = 0
  for (let k = 0; k < dims - 1; k++) along += reflectors[frame + k] * coordinates[from + k]
  along *= 2
  for (let k = 0; k < dims - 1; k++) out[to + k] = coordinates[from + k] - along * reflectors[frame + k]
  out[to + dims - 1] = -along * reflectors[frame + dims - 1]
}
