/**
 * The best margin t and thresholds b_g under a logarithmic barrier, for given scores: the maximum of
 *
 *   t + Σ_e μ_e log w_e,   w_e = S_e (s_e − b_{g(e)}) − t,
 *
 * which is concave; for zero there is no b, for global one, for row one a query. Newton's method with an arrow matrix
 * (t is coupled to every b, no b to another) and steps that stop before a slack is zero. Cost O(pairs) a step, about 8.
 */

/** Pairs of a matrix, row-major: `sign` is S_e, 0 where a pair is left out. `groups` is 0 (zero), 1 (global) or rows. */
export interface SignedPairs {
  readonly rows: number
  readonly columns: number
  readonly groups: number
  readonly sign: Float64Array
  /** How many signs are not 0. */
  readonly count: number
}

/** No slack is taken for less: scores are not known better. */
const LEAST = 1e-16

/** A margin and thresholds, with what their search needs. */
export class BarrierThresholds {
  t = 0
  /** length groups, at least 1 */
  readonly b: Float64Array
  private readonly pairs: SignedPairs
  private readonly low: Float64Array
  private readonly high: Float64Array
  private readonly slope: Float64Array
  private readonly across: Float64Array
  private readonly corner: Float64Array
  private readonly step: Float64Array

  constructor(pairs: SignedPairs) {
    const make = (): Float64Array => new Float64Array(Math.max(1, pairs.groups))
    this.pairs = pairs
    this.b = make()
    this.low = make()
    this.high = make()
    this.slope = make()
    this.across = make()
    this.corner = make()
    this.step = make()
  }

  /** Thresholds in the middle of their gaps; returns the margin with these, and sets t to it. */
  middle(scores: Float64Array): number {
    const { b, high, low } = this
    const { columns, groups, rows, sign } = this.pairs
    high.fill(Number.NEGATIVE_INFINITY)
    low.fill(Number.POSITIVE_INFINITY)
    for (let j = 0, e = 0; j < rows; j++) {
      const g = groups > 1 ? j : 0
      for (let i = 0; i < columns; i++, e++) {
        if (sign[e] > 0) low[g] = Math.min(low[g], scores[e])
        else if (sign[e] < 0) high[g] = Math.max(high[g], scores[e])
      }
    }
    if (groups === 0) return (this.t = Math.min(low[0], -high[0]))
    let t = Number.POSITIVE_INFINITY
    for (let g = 0; g < groups; g++) {
      const both = low[g] < Number.POSITIVE_INFINITY && high[g] > Number.NEGATIVE_INFINITY
      b[g] = both ? (low[g] + high[g]) / 2 : 0
      if (both) t = Math.min(t, (low[g] - high[g]) / 2)
    }
    return (this.t = t)
  }

  /** Sets t, b and the slacks to the barrier's optimum; `weights` are the pairs' μ_e, or one for all. */
  fit(scores: Float64Array, weights: Float64Array | number, slacks: Float64Array): void {
    const { across, b, corner, slope, step } = this
    const { columns, count, groups, rows, sign } = this.pairs
    const one = typeof weights === "number" ? weights : 0
    const many = typeof weights === "number" ? undefined : weights
    let total = one * count
    if (many !== undefined) for (let e = 0; e < sign.length; e++) if (sign[e] !== 0) total += many[e]
    this.middle(scores)
    this.t -= total
    for (let iteration = 0; iteration < 50; iteration++) {
      let gradient = 1
      let head = 0
      for (let j = 0, e = 0; j < rows; j++) {
        const g = groups > 1 ? j : 0
        const at = groups === 0 ? 0 : b[g]
        let force = 0
        let signed = 0
        let stiff = 0
        let stiffSigned = 0
        for (let i = 0; i < columns; i++, e++) {
          const s = sign[e]
          if (s === 0) continue
          const w = Math.max(s * (scores[e] - at) - this.t, LEAST)
          slacks[e] = w
          const f = (many === undefined ? one : many[e]) / w
          force += f
          signed += s * f
          stiff += f / w
          stiffSigned += (s * f) / w
        }
        gradient -= force
        head += stiff
        if (g !== j || j === 0) {
          if (j === 0) slope[0] = across[0] = corner[0] = 0
          slope[0] -= signed
          across[0] += stiffSigned
          corner[0] += stiff
        } else {
          slope[g] = -signed
          across[g] = stiffSigned
          corner[g] = stiff
        }
      }
      // (head − Σ across²/corner) dt = gradient − Σ across·slope/corner.
      let pivot = head
      let right = gradient
      for (let g = 0; g < groups; g++) {
        if (corner[g] === 0) continue
        pivot -= (across[g] * across[g]) / corner[g]
        right -= (across[g] * slope[g]) / corner[g]
      }
      const dt = right / Math.max(pivot, head * 1e-15)
      let gain = gradient * dt
      for (let g = 0; g < groups; g++) {
        step[g] = corner[g] === 0 ? 0 : (slope[g] - across[g] * dt) / corner[g]
        gain += slope[g] * step[g]
      }
      let most = 0
      for (let j = 0, e = 0; j < rows; j++) {
        const db = groups === 0 ? 0 : step[groups > 1 ? j : 0]
        for (let i = 0; i < columns; i++, e++) {
          const s = sign[e]
          if (s === 0) continue
          const shrink = (s * db + dt) / slacks[e]
          if (shrink > most) most = shrink
        }
      }
      const length = most > 0.9 ? 0.9 / most : 1
      this.t += length * dt
      for (let g = 0; g < groups; g++) b[g] += length * step[g]
      if (length === 1 && gain <= (1e-10 * total) / count) break
    }
    this.slacks(scores, slacks)
  }

  /** w_e for t and b as they are; returns the least. */
  slacks(scores: Float64Array, slacks: Float64Array): number {
    const { columns, groups, rows, sign } = this.pairs
    let least = Number.POSITIVE_INFINITY
    for (let j = 0, e = 0; j < rows; j++) {
      const at = groups === 0 ? 0 : this.b[groups > 1 ? j : 0]
      for (let i = 0; i < columns; i++, e++) {
        const s = sign[e]
        if (s === 0) continue
        const w = Math.max(s * (scores[e] - at) - this.t, LEAST)
        slacks[e] = w
        if (w < least) least = w
      }
    }
    return least
  }

  /** t + μ Σ log w. The logarithm is taken of products: once where they leave the range, not once a pair. */
  value(mu: number, slacks: Float64Array): number {
    const { sign } = this.pairs
    let logs = 0
    let product = 1
    for (let e = 0; e < sign.length; e++) {
      if (sign[e] === 0) continue
      product *= slacks[e]
      if (product < 1e-250 || product > 1e250) {
        logs += Math.log(product)
        product = 1
      }
    }
    return this.t + mu * (logs + Math.log(product))
  }
}
