/**
 * Spearman's rank correlation ρ: the correlation of the ranks, ties sharing the mean of their ranks. O(n log n).
 * Sources: Spearman (1904); the p-value's variance from Fieller, Hartley & Pearson, Biometrika 44 (1957).
 */

/** Ranks from 1; equal values share the mean of their ranks. */
export const ranks = (values: ArrayLike<number>): Float64Array => {
  const order = Array.from({ length: values.length }, (_, i) => i).sort(
    (i, j) => values[i] - values[j] || i - j
  )
  const result = new Float64Array(values.length)
  for (let from = 0; from < order.length;) {
    let to = from + 1
    while (to < order.length && values[order[to]] === values[order[from]]) to++
    for (let r = from; r < to; r++) result[order[r]] = (from + to + 1) / 2
    from = to
  }
  return result
}

/** Spearman's ρ: the correlation of the ranks. NaN where either side is constant. */
export const spearman = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  const a = ranks(x)
  const b = ranks(y)
  const mean = (a.length + 1) / 2
  let xx = 0
  let xy = 0
  let yy = 0
  for (let i = 0; i < a.length; i++) {
    xx += (a[i] - mean) ** 2
    xy += (a[i] - mean) * (b[i] - mean)
    yy += (b[i] - mean) ** 2
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Number.NaN
}

/** Two-sided p of Spearman's ρ under independence, by Fisher's transform with variance 1.06 / (n − 3) (Fieller et al. 1957). */
export const spearmanP = (rho: number, n: number): number => {
  if (!Number.isFinite(rho) || n < 4) return Number.NaN
  if (Math.abs(rho) >= 1) return 0
  return 2 * upperTail(Math.abs(Math.atanh(rho)) / Math.sqrt(1.06 / (n - 3)))
}

/** P(Z > z) for z ≥ 0: Abramowitz & Stegun 26.2.17, absolute error below 7.5e-8. */
const upperTail = (z: number): number => {
  const t = 1 / (1 + 0.2316419 * z)
  const sum = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum
}
