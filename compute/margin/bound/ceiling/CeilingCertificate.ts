/**
 * Certificates of the two-point ceilings: what proves that no unit vectors in R^d have margin m or more on a matrix.
 *
 * CompleteCertificate (complete:n,k, Q = C(n, k) queries S). Notation: P_l is the Gegenbauer polynomial of dimension d
 * with P_l(1) = 1 (Chebyshev for d = 2). E_i(j) = Σ_h (−1)^h C(j, h) C(k − j, i − h) C(n − k − j, i − h) is eigenvalue j of
 * the Johnson scheme's relation "k − i documents in common". t runs over the T numbers of documents two queries can have
 * in common, t = first … k − 1, first = max(0, 2k − n), T = k − first. J = max(0, min(k, n − k) − 1).
 * κ = C(n − 2, k − 1), ν_j = 1 + Σ_t |E_{k−t}(j)|.
 *
 * Arrays, all row-major, one part for each range r of thresholds τ, R = ranges.length / 2 of them:
 * - ranges      R × 2                 [from, to]
 * - blocks      R × L × (6 + J)       for each degree l = 1 … L: a0, b0, c0, a1, b1, c1, y_2 … y_{J+1}. With them
 *                                     Y0 = [[a0², a0 b0], [a0 b0, b0² + c0²]] ⪰ 0, Y1 likewise, and y_j ≥ 0.
 * - weights     R × T                 w_t ≥ 0
 * - splits      R × (T − 1) × (H + 1) polynomials h_t for t = first + 1 … k − 1, by their Chebyshev coefficients:
 *                                     h_t(cos φ) = Σ_m splits[m] cos mφ
 * - constants   R × (T + 1)           c_t for t = first … k − 1, then c
 * L is `degrees`, H is `splitDegree`.
 *
 * For one range, W = Σ_t w_t and sums over l = 1 … L:
 *   C        = Σ_l Y0_11/n + Y0_22/Q + Y1_11 + Y1_22/κ + Σ_j y_j/ν_j
 *   f_dd     = Σ_l P_l [Y0_11 (n−1)/n − Y1_11]
 *   f_qq,t   = Σ_l P_l [Y0_22 E_{k−t}(0)/Q + Y1_22 E_{k−t}(1)/κ + Σ_j y_j E_{k−t}(j)/ν_j]
 *   f_in(x)  = Σ_l P_l(x) [2 Y0_12 k/n + 2 Y1_12] − 2 W x
 *   f_out(y) = Σ_l P_l(y) [2 Y0_12 (n−k)/n − 2 Y1_12] + 2 W y
 *   h_first  = f_dd − Σ_{t > first} h_t
 * The range proves that no τ in [from, to] allows margin m where
 *   (1) C + Σ_t c_t + c < 0;
 *   (2) f_qq,t(s) + h_t(r) + 2 w_t √((1−s)(1−r)) ≤ c_t for all s, r in [−1, 1] with (1−s)(1−r) ≥ 4m², for each t;
 *   (3) f_in(x) + f_out(y) ≤ c for all x in [from + m, 1], y in [−1, to − m] with x − y ≥ 2m.
 * Threshold zero: some range holds 0. Global: the ranges cover [−1 + m, 1 − m]. Row: one range covers it, because then (3)
 * is asked of every two scores x, y of one query, whatever its own threshold.
 *
 * Why: the blocks of completeBlocks.ts are positive semidefinite for every l, so their products with Y0, Y1, y sum to at
 * least 0; for S ≠ T, i in S∖T, j in T∖S: 4m ≤ ⟨u_S − u_T, v_i − v_j⟩ ≤ 2 √((1−s)(1−r)), s = ⟨u_S, u_T⟩, r = ⟨v_i, v_j⟩, so
 * (s, r) is in the region of (2), and on the mean over all such S, T, i, j with t documents in common the right side is at
 * least twice the mean relevant score less the mean other one. The sum of all is at most C + Σ_t c_t + c.
 */
import type { KernelCertificate } from "./kernelsCertificate.ts"

export interface CompleteCertificate {
  readonly type: "complete"
  readonly n: number
  readonly k: number
  readonly dim: number
  readonly threshold: "zero" | "global" | "row"
  /** m: the half gap that is proved impossible. */
  readonly margin: number
  readonly degrees: number
  readonly splitDegree: number
  readonly ranges: Float64Array
  readonly blocks: Float64Array
  readonly weights: Float64Array
  readonly splits: Float64Array
  readonly constants: Float64Array
}

export type CeilingCertificate = CompleteCertificate | KernelCertificate
