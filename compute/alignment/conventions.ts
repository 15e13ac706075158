/**
 * Which published code a number should agree with. Every convention differs from `exact` only where that code does
 * something else; what it does is in the metric's definition string.
 *
 * - `exact`: the definitions of this library: self masked out, ties shared out or broken at random in each view apart,
 *   relative guards, no absolute floor.
 * - `l2prh`: the reference code of arXiv 2605.28870: rank 0 taken for self, ties to the lower row, CKA's denominator
 *   √max(·, 1e-6). It has no CKNNA; that of `prh` is given, without the 1e-6.
 * - `prh`: the reference code of arXiv 2405.07987: ties to the lower row, 1e-6 added to denominators, edit
 *   similarity 1 − d/k, z-scored SVCCA.
 */
export const conventions = ["exact", "l2prh", "prh"] as const
export type Convention = (typeof conventions)[number]
