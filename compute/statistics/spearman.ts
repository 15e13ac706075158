/**
 * Spearman's rank correlation ρ: the correlation of the ranks, ties sharing the mean of their ranks. O(n log n).
 * Sources: Spearman (1904); its p by Student's t as in Kendall, "Rank Correlation Methods" (1948), section 4.
 */
import { studentTails } from "./studentT.ts"

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

/**
 * Two-sided p of ρ where the ranks of one side are as good as permuted: any dependence within the other side is allowed.
 * ρ √((n − 2)/(1 − ρ²)) against Student's t with n − 2 degrees of freedom, whose variance of ρ, 1/(n − 1), is the exact one
 * under permutation. (1.06/(n − 3), used before, is the variance of Fisher's transform about a ρ that is not 0.)
 */
export const spearmanP = (rho: number, n: number): number => {
  if (!Number.isFinite(rho) || n < 4) return Number.NaN
  if (Math.abs(rho) >= 1) return 0
  return studentTails(Math.abs(rho) * Math.sqrt((n - 2) / (1 - rho * rho)), n - 2)
}
