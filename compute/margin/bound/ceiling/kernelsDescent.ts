/**
 * Limited-memory BFGS for a smooth function of many reals, with a bisection for the weak Wolfe conditions.
 * Cost: one value and gradient a trial, 4 · memory · size flops a step.
 * Source: Nocedal & Wright, Numerical Optimization, Algorithm 7.4; Lewis & Overton, Math. Program. 141 (2013), section 4.
 */

/** Writes the gradient at `at` into its second argument and returns the value. */
export type Smooth = (at: Float64Array, gradient: Float64Array) => number

export interface DescentOptions {
  readonly steps: number
  /** Stop where ten steps lower the value by less than this. */
  readonly tolerance: number
  readonly memory?: number
  readonly shouldStop?: () => boolean
}

/** Moves `at` to a lower value, and returns that value. */
export const descend = (smooth: Smooth, at: Float64Array, options: DescentOptions): number => {
  const size = at.length
  const memory = options.memory ?? 12
  const pairs: Array<{ s: Float64Array; y: Float64Array; inverse: number }> = []
  let gradient = new Float64Array(size)
  let next = new Float64Array(size)
  const direction = new Float64Array(size)
  const trial = new Float64Array(size)
  let value = smooth(at, gradient)
  const values: Array<number> = []
  for (let step = 0; step < options.steps && options.shouldStop?.() !== true; step++) {
    towards(direction, gradient, pairs)
    let slope = dot(direction, gradient)
    if (!(slope < 0)) {
      if (pairs.length === 0) break
      pairs.length = 0
      towards(direction, gradient, pairs)
      slope = dot(direction, gradient)
      if (!(slope < 0)) break
    }
    let low = 0
    let high = Number.POSITIVE_INFINITY
    let length =
      pairs.length > 0
        ? 1
        : Math.min(1, (0.02 * Math.sqrt(dot(at, at))) / Math.sqrt(dot(direction, direction)))
    let reached = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < 25; attempt++) {
      for (let i = 0; i < size; i++) trial[i] = at[i] + length * direction[i]
      reached = smooth(trial, next)
      if (!(reached <= value + 1e-4 * length * slope)) high = length
      else if (dot(direction, next) < 0.9 * slope) low = length
      else break
      length = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * low
    }
    if (!(reached < value)) break
    const s = new Float64Array(size)
    const y = new Float64Array(size)
    for (let i = 0; i < size; i++) {
      s[i] = trial[i] - at[i]
      y[i] = next[i] - gradient[i]
    }
    const curvature = dot(s, y)
    if (curvature > 1e-14 * Math.sqrt(dot(s, s) * dot(y, y))) {
      pairs.push({ s, y, inverse: 1 / curvature })
      if (pairs.length > memory) pairs.shift()
    }
    at.set(trial)
    ;[gradient, next] = [next, gradient]
    value = reached
    values.push(value)
    const before = values[values.length - 11]
    if (before !== undefined && before - value < options.tolerance) break
  }
  return value
}

/** −H g by the two-loop recursion. */
const towards = (
  direction: Float64Array,
  gradient: Float64Array,
  pairs: ReadonlyArray<{ s: Float64Array; y: Float64Array; inverse: number }>
): void => {
  for (let i = 0; i < direction.length; i++) direction[i] = -gradient[i]
  const shares: Array<number> = []
  for (const { inverse, s, y } of pairs.toReversed()) {
    const share = inverse * dot(s, direction)
    shares.push(share)
    add(direction, y, -share)
  }
  const latest = pairs.at(-1)
  if (latest !== undefined) {
    const scale = 1 / (latest.inverse * dot(latest.y, latest.y))
    for (let i = 0; i < direction.length; i++) direction[i] *= scale
  }
  for (const { inverse, s, y } of pairs) add(direction, s, shares.pop()! - inverse * dot(y, direction))
}

const dot = (x: Float64Array, y: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i]
  return sum
}

const add = (to: Float64Array, what: Float64Array, factor: number): void => {
  for (let i = 0; i < to.length; i++) to[i] += factor * what[i]
}
