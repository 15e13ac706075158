/**
 * Limited-memory BFGS on products of spheres: maximises the smoothed margin at one sharpness over unit queries and unit
 * documents.
 *
 * Steps are taken in the ambient space and put back on the spheres; curvature pairs are differences of points and of
 * tangent gradients. Row x starts from the metric 1/μ_x, where μ_x is the curvature the sphere itself adds at x (the
 * length of the Euclidean gradient along x): queries, which carry a share 1/N of the weight each, and documents, with
 * 1/n each, then move at one pace. Cost: one pass and 4·memory·(N + n)·d flops an iteration.
 * Source: Nocedal & Wright, Numerical Optimization, Algorithm 7.4.
 */
import type { MarginKernel, PassResult } from "../kernels/MarginKernel.ts"

export interface SphereLbfgsOptions {
  readonly sharpness: number
  readonly iterations: number
  /** Stop when an iteration gains less than this in the smoothed margin, three times in a row. */
  readonly tolerance: number
  /** How many curvature pairs are kept; default 6. */
  readonly memory?: number
  readonly shouldStop?: () => boolean
}

type Reals = Float32Array | Float64Array

/** Improves the kernel's embeddings in place and returns the last accepted pass. */
export const sphereLbfgs = (
  kernel: MarginKernel,
  options: SphereLbfgsOptions
): PassResult & { iterations: number } => {
  const memory = options.memory ?? 6
  const parts = [
    { at: kernel.queries, gradient: kernel.queryGradient, along: kernel.queryAlong },
    { at: kernel.documents, gradient: kernel.documentGradient, along: kernel.documentAlong }
  ]
  const stride = kernel.stride
  const size = kernel.queries.length + kernel.documents.length
  const make = (): Float64Array => new Float64Array(size)
  const position = make()
  const gradient = make()
  const direction = make()
  const pairs: Array<{ s: Float64Array; y: Float64Array; inverse: number }> = []
  const spare: Array<{ s: Float64Array; y: Float64Array }> = []

  const collect = (pick: (part: (typeof parts)[number]) => Reals, into: Float64Array): void => {
    into.set(pick(parts[0]), 0)
    into.set(pick(parts[1]), kernel.queries.length)
  }

  let current = kernel.pass(options.sharpness)
  kernel.gradient()
  collect((part) => part.at, position)
  collect((part) => part.gradient, gradient)
  const metric = new Float64Array(size / stride)
  {
    const curvature = parts.map((part) => Float64Array.from(part.along, Math.abs))
    let row = 0
    for (const part of curvature) {
      let mean = 0
      for (const x of part) mean += x / part.length
      for (const x of part) metric[row++] = 1 / Math.max(x, mean * 1e-2, 1e-300)
    }
  }
  let quiet = 0
  let iterations = 0
  while (iterations < options.iterations && options.shouldStop?.() !== true) {
    descend(direction, gradient, pairs, metric, stride)
    let slope = dot(direction, gradient)
    if (!(slope < 0)) {
      pairs.length = 0
      descend(direction, gradient, pairs, metric, stride)
      slope = dot(direction, gradient)
      if (!(slope < 0)) break
    }
    // Without curvature pairs the first step turns no row by more than 0.1 rad.
    let step = pairs.length > 0 ? 1 : Math.min(1, 0.1 / largestRow(direction, stride))
    const longest = largestRow(direction, stride)
    if (longest * step > 0.5) step = 0.5 / longest
    let next: PassResult | undefined
    for (let attempt = 0; attempt < 12; attempt++) {
      move(parts, position, direction, step, stride)
      const tried = kernel.pass(options.sharpness)
      if (-tried.smoothed <= -current.smoothed + 1e-4 * step * slope) {
        next = tried
        break
      }
      step *= attempt < 2 ? 0.5 : 0.25
    }
    if (next === undefined) {
      move(parts, position, direction, 0, stride)
      current = kernel.pass(options.sharpness)
      kernel.gradient()
      if (pairs.length === 0) break
      pairs.length = 0
      continue
    }
    kernel.gradient()
    const pair = spare.pop() ?? (pairs.length >= memory ? pairs.shift()! : { s: make(), y: make() })
    let curvature = 0
    let yy = 0
    for (const [which, part] of parts.entries()) {
      const offset = which === 0 ? 0 : kernel.queries.length
      const { s, y } = pair
      for (let o = 0; o < part.at.length; o++) {
        const moved = part.at[o] - position[offset + o]
        const turned = part.gradient[o] - gradient[offset + o]
        s[offset + o] = moved
        y[offset + o] = turned
        curvature += moved * turned
        yy += turned * turned
      }
    }
    if (curvature > 1e-14 * Math.sqrt(yy)) pairs.push({ ...pair, inverse: 1 / curvature })
    else spare.push(pair)
    const gained = next.smoothed - current.smoothed
    current = next
    collect((part) => part.at, position)
    collect((part) => part.gradient, gradient)
    iterations++
    quiet = gained < options.tolerance ? quiet + 1 : 0
    if (quiet >= 3) break
  }
  return { ...current, iterations }
}

/** direction = −H gradient by the two-loop recursion, H₀ = γ · diag(metric). */
const descend = (
  direction: Float64Array,
  gradient: Float64Array,
  pairs: ReadonlyArray<{ readonly s: Float64Array; readonly y: Float64Array; readonly inverse: number }>,
  metric: Float64Array,
  stride: number
): void => {
  for (let o = 0; o < direction.length; o++) direction[o] = -gradient[o]
  const alphas = new Float64Array(pairs.length)
  for (let p = pairs.length - 1; p >= 0; p--) {
    const { s, y, inverse } = pairs[p]
    alphas[p] = inverse * dot(s, direction)
    addScaled(direction, y, -alphas[p])
  }
  let scale = 1
  const newest = pairs.at(-1)
  if (newest !== undefined) {
    let weighted = 0
    for (let row = 0, o = 0; row < metric.length; row++) {
      let square = 0
      for (let k = 0; k < stride; k++, o++) square += newest.y[o] * newest.y[o]
      weighted += metric[row] * square
    }
    scale = 1 / (newest.inverse * weighted)
  }
  for (let row = 0, o = 0; row < metric.length; row++) {
    const factor = scale * metric[row]
    for (let k = 0; k < stride; k++, o++) direction[o] *= factor
  }
  for (let p = 0; p < pairs.length; p++) {
    const { s, y, inverse } = pairs[p]
    addScaled(direction, s, alphas[p] - inverse * dot(y, direction))
  }
}

/** Puts position + step · direction, back on the spheres, into the kernel. */
const move = (
  parts: ReadonlyArray<{ readonly at: Reals }>,
  position: Float64Array,
  direction: Float64Array,
  step: number,
  stride: number
): void => {
  let offset = 0
  for (const { at } of parts) {
    for (let start = 0; start < at.length; start += stride) {
      let square = 0
      for (let o = start; o < start + stride; o++) {
        const x = position[offset + o] + step * direction[offset + o]
        at[o] = x
        square += x * x
      }
      const inverse = 1 / Math.sqrt(square)
      for (let o = start; o < start + stride; o++) at[o] *= inverse
    }
    offset += at.length
  }
}

const dot = (x: Float64Array, y: Float64Array): number => {
  let a = 0
  let b = 0
  const even = x.length - (x.length % 2)
  for (let o = 0; o < even; o += 2) {
    a += x[o] * y[o]
    b += x[o + 1] * y[o + 1]
  }
  if (even < x.length) a += x[even] * y[even]
  return a + b
}

const addScaled = (x: Float64Array, y: Float64Array, factor: number): void => {
  for (let o = 0; o < x.length; o++) x[o] += factor * y[o]
}

const largestRow = (direction: Float64Array, stride: number): number => {
  let largest = 0
  for (let start = 0; start < direction.length; start += stride) {
    let square = 0
    for (let o = start; o < start + stride; o++) square += direction[o] * direction[o]
    if (square > largest) largest = square
  }
  return Math.sqrt(largest)
}
