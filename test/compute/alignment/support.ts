/** Matrices for the alignment tests, and slow, obvious versions of what the library computes. */
import type { DenseRows } from "../../../compute/alignment/rows.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

export const matrix = (rows: ReadonlyArray<ReadonlyArray<number>>): DenseRows => ({
  rows: rows.length,
  dims: rows[0].length,
  data: Float64Array.from(rows.flat())
})

export const gaussian = (seed: string, rows: number, dims: number): DenseRows => {
  const data = new Float64Array(rows * dims)
  makeRandom(seed, "gaussian").fillGaussian(data)
  return { rows, dims, data }
}

/** x + level · (an independent gaussian): a second view of the same things, of the same dimension. */
export const noisy = (x: DenseRows, level: number, seed: string): DenseRows => {
  const noise = gaussian(seed, x.rows, x.dims)
  return { ...x, data: Float64Array.from(x.data, (value, i) => value + level * noise.data[i]) }
}

/** X R for a random orthogonal R. */
export const rotated = (x: DenseRows, seed: string): DenseRows => {
  const { dims } = x
  const basis = gaussian(seed, dims, dims)
  const rows: Array<Float64Array> = []
  for (let r = 0; r < dims; r++) {
    const row = Float64Array.from(basis.data.subarray(r * dims, (r + 1) * dims))
    for (const before of rows) {
      const dot = row.reduce((sum, value, i) => sum + value * before[i], 0)
      for (let i = 0; i < dims; i++) row[i] -= dot * before[i]
    }
    const length = Math.hypot(...row)
    rows.push(row.map((value) => value / length))
  }
  const data = new Float64Array(x.data.length)
  for (let i = 0; i < x.rows; i++) {
    for (let r = 0; r < dims; r++) {
      let sum = 0
      for (let j = 0; j < dims; j++) sum += x.data[i * dims + j] * rows[r][j]
      data[i * dims + r] = sum
    }
  }
  return { ...x, data }
}

export const map = (
  x: DenseRows,
  change: (value: number, row: number, column: number) => number
): DenseRows => ({
  ...x,
  data: Float64Array.from(x.data, (value, p) => change(value, Math.floor(p / x.dims), p % x.dims))
})

/** X Xᵀ, one product at a time. */
export const slowGram = ({ rows, dims, data }: DenseRows): Float64Array => {
  const gram = new Float64Array(rows * rows)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      for (let p = 0; p < dims; p++) gram[i * rows + j] += data[i * dims + p] * data[j * dims + p]
    }
  }
  return gram
}

/** The first k rows by a full sort: similarity falling, row rising, the row itself left out. */
export const slowNeighbours = (gram: Float64Array, n: number, k: number): Array<Array<number>> =>
  Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((j, l) => gram[i * n + l] - gram[i * n + j] || j - l)
      .slice(0, k)
  )

/** The lists of a neighbour table. */
export const lists = (table: { readonly index: Int32Array; readonly k: number }): Array<Array<number>> =>
  Array.from({ length: table.index.length / table.k }, (_, i) =>
    Array.from(table.index.subarray(i * table.k, (i + 1) * table.k))
  )

/** A neighbour table that holds nothing but lists. */
export const tableOf = (rows: ReadonlyArray<ReadonlyArray<number>>, n: number) => {
  const k = rows[0].length
  return {
    n,
    k,
    index: Int32Array.from(rows.flat()),
    similarity: new Float64Array(rows.length * k),
    own: new Float64Array(n),
    ties: undefined
  }
}

/** Two small example matrices whose scores were computed independently in numpy, float64. */
export const G1 = {
  a: matrix([
    [3, 0],
    [2, 1],
    [0, 3],
    [-1, 2],
    [-3, 0],
    [0, -2]
  ]),
  b: matrix([
    [0, 3],
    [1, 2],
    [3, 0],
    [2, -1],
    [0, -3],
    [-2, 0.5]
  ])
}

export const G2 = {
  a: matrix([
    [3, 5, 4],
    [3, -7, -3],
    [-8, 4, -4],
    [4, 4, 1],
    [5, -7, -5],
    [-5, 5, -5],
    [8, 6, 1],
    [-7, -4, -4]
  ]),
  b: matrix([
    [3, -1, 1, -8],
    [1, 4, -4, -6],
    [3, -4, -5, 0],
    [-8, -8, -2, -7],
    [2, -8, 5, 7],
    [-1, -4, -1, 8],
    [0, 4, -3, -4],
    [5, -1, -1, 5]
  ])
}
