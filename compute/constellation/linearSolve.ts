/**
 * Solves a dense linear system by Gaussian elimination with partial pivoting. Cost: n³/3. For the small systems of the
 * separation measures; `matrix` (n × n, row-major) and `right` (n) are overwritten, `right` with the solution.
 *
 * Returns false, with both arrays spoilt, when a pivot is below `tolerance` times the largest entry.
 */
export const solveInPlace = (
  matrix: Float64Array,
  right: Float64Array,
  tolerance: number = 1e-14
): boolean => {
  const n = right.length
  const scale = matrix.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0)
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(matrix[i * n + k]) > Math.abs(matrix[pivot * n + k])) pivot = i
    }
    if (!(Math.abs(matrix[pivot * n + k]) > tolerance * scale)) return false
    if (pivot !== k) {
      for (let j = k; j < n; j++) {
        const kept = matrix[k * n + j]
        matrix[k * n + j] = matrix[pivot * n + j]
        matrix[pivot * n + j] = kept
      }
      const kept = right[k]
      right[k] = right[pivot]
      right[pivot] = kept
    }
    for (let i = k + 1; i < n; i++) {
      const factor = matrix[i * n + k] / matrix[k * n + k]
      if (factor === 0) continue
      for (let j = k + 1; j < n; j++) matrix[i * n + j] -= factor * matrix[k * n + j]
      right[i] -= factor * right[k]
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    let sum = right[k]
    for (let j = k + 1; j < n; j++) sum -= matrix[k * n + j] * right[j]
    right[k] = sum / matrix[k * n + k]
  }
  return true
}
