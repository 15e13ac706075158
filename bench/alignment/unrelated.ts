/**
 * Pairs of views that have nothing to do with each other, of the kinds in which similarities tie: what a permutation null
 * must find nothing in. Rows are independent and equally distributed, but for `duplicated`, four copies of each row in the
 * same places in every view (items that a corpus repeats), and `copies`, four copies in places of each view's own.
 */
import type { RandomStream } from "../../compute/random/RandomStream.ts"

export type UnrelatedKind =
  "gaussian" | "one-hot" | "binary" | "likert" | "sparse" | "codes" | "duplicated" | "copies" | "one column"

export interface Shape {
  readonly rows: number
  readonly dims: number
}

/** The shape at which each kind ties much at k = 10; `codes` is the 8 of 1,024 features. */
export const usualShape: { readonly [Kind in UnrelatedKind]: Shape } = {
  gaussian: { rows: 60, dims: 6 },
  "one-hot": { rows: 60, dims: 6 },
  binary: { rows: 60, dims: 6 },
  likert: { rows: 60, dims: 6 },
  sparse: { rows: 60, dims: 40 },
  codes: { rows: 100, dims: 1024 },
  duplicated: { rows: 60, dims: 6 },
  copies: { rows: 60, dims: 6 },
  "one column": { rows: 60, dims: 1 }
}

export const unrelatedKinds = Object.keys(usualShape) as ReadonlyArray<UnrelatedKind>

/** One view, row-major, rows × dims. */
export const unrelatedView = (
  kind: UnrelatedKind,
  { rows, dims }: Shape,
  random: RandomStream
): Float64Array => {
  const x = new Float64Array(rows * dims)
  const each = (draw: () => number): Float64Array => x.map(draw)
  switch (kind) {
    case "gaussian":
    case "one column":
      return each(() => random.gaussian())
    case "binary":
      return each(() => random.integer(2))
    case "likert":
      return each(() => 1 + random.integer(5))
    case "sparse":
      return each(() => (random.uniform() < 0.05 ? Math.abs(random.gaussian()) : 0))
    case "one-hot":
      for (let i = 0; i < rows; i++) x[i * dims + random.integer(dims)] = 1
      return x
    case "codes":
      for (let i = 0; i < rows; i++) {
        for (const feature of random.sample(dims, 8)) x[i * dims + feature] = 1 + 0.2 * random.gaussian()
      }
      return x
    case "duplicated":
    case "copies": {
      const distinct = Math.ceil(rows / 4)
      const values = new Float64Array(distinct * dims)
      random.fillGaussian(values)
      const places = kind === "copies" ? random.permutation(rows) : undefined
      for (let i = 0; i < rows; i++) {
        const from = (i % distinct) * dims
        x.set(values.subarray(from, from + dims), (places?.[i] ?? i) * dims)
      }
      return x
    }
  }
}
