/**
 * The lower triangular L of G = L Lᵀ for a symmetric positive definite n × n matrix, row-major; `undefined` where a
 * pivot falls below `tolerance` times its diagonal entry, that is, where G is singular to that precision.
 * Cost n³/3 flops. Source: Golub & Van Loan, Matrix Computations (4th ed.), section 4.2.
 */
export const cholesky = (gram: Float64Array, n: number, tolerance: number): Float64Array | undefined => {
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = gram[i * n + j]
      for (let m = 0; m < j; m++) sum -= lower[i * n + m] * lower[j * n + m]
      if (j < i) lower[i * n + j] = sum / lower[j * n + j]
      else if (sum > tolerance * gram[i * n + i]) lower[i * n + i] = Math.sqrt(sum)
      else return undefined
    }
  }
  return lower
}
