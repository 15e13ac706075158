import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { cholesky } from "../../../compute/linalg/cholesky.ts"
import { columnGram } from "../../../compute/linalg/columnGram.ts"
import { orthonormalise } from "../../../compute/linalg/orthonormalise.ts"
import { randomisedSvd, rangeFinder } from "../../../compute/linalg/randomisedSvd.ts"
import { multiply, transpose, type SparseMatrix } from "../../../compute/linalg/SparseMatrix.ts"
import { symmetricEigen } from "../../../compute/linalg/symmetricEigen.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

/** A dense matrix as compressed rows, zeros left out. */
const sparse = (dense: Float64Array, rows: number, columns: number): SparseMatrix => {
  const indptr = [0]
  const indices: Array<number> = []
  const values: Array<number> = []
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (dense[i * columns + j] === 0) continue
      indices.push(j)
      values.push(dense[i * columns + j])
    }
    indptr.push(indices.length)
  }
  return {
    rows,
    columns,
    indptr: Uint32Array.from(indptr),
    indices: Uint32Array.from(indices),
    values: Float64Array.from(values)
  }
}

/** The plain triple loop, as a reference. */
const product = (a: Float64Array, b: Float64Array, n: number, inner: number, m: number): Float64Array => {
  const result = new Float64Array(n * m)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      for (let l = 0; l < inner; l++) result[i * m + j] += a[i * inner + l] * b[l * m + j]
    }
  }
  return result
}

const gaussian = (seed: string, length: number): Float64Array => {
  const data = new Float64Array(length)
  makeRandom(seed, "matrix").fillGaussian(data)
  return data
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length)
  let largest = 0
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]))
  return largest
}

const identity = (n: number) => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))

describe("SparseMatrix", () => {
  it("multiplies and transposes as the dense matrix does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 4 }),
        fc.string(),
        (rows, columns, width, seed) => {
          const dense = gaussian(seed, rows * columns).map((x) => (Math.abs(x) < 0.6 ? 0 : x))
          const x = gaussian(`${seed}x`, columns * width)
          const a = sparse(dense, rows, columns)
          expect(
            largestDifference(multiply(a, x, width), product(dense, x, rows, columns, width))
          ).toBeLessThan(1e-12)
          const flipped = Float64Array.from({ length: rows * columns }, (_, at) => {
            const i = at % rows
            return dense[i * columns + (at - i) / rows]
          })
          expect(transpose(a)).toEqual(sparse(flipped, columns, rows))
        }
      )
    )
  })
})

describe("orthonormalise", () => {
  it("gives an orthonormal basis of the same span", () => {
    const [n, k] = [60, 12]
    const x = gaussian("basis", n * k)
    const q = orthonormalise(x, n, k)
    expect(largestDifference(columnGram(q, n, k), identity(k))).toBeLessThan(1e-14)
    // Projecting X onto the basis loses nothing.
    const inside = product(transposeDense(q, n, k), x, k, n, k)
    expect(largestDifference(product(q, inside, n, k, k), x)).toBeLessThan(1e-12)
  })

  it("stays orthonormal where columns depend on each other or nearly do", () => {
    const [n, k] = [30, 6]
    for (const tilt of [0, 1e-15, 1e-9, 1e-5]) {
      const x = gaussian("dependent", n * k)
      const noise = gaussian("noise", n * k)
      for (let i = 0; i < n; i++) {
        for (let j = 3; j < k; j++) x[i * k + j] = x[i * k + (j - 3)] + tilt * noise[i * k + j]
      }
      const q = orthonormalise(x, n, k)
      expect(largestDifference(columnGram(q, n, k), identity(k))).toBeLessThan(1e-13)
      const inside = product(transposeDense(q, n, k), x, k, n, k)
      expect(largestDifference(product(q, inside, n, k, k), x)).toBeLessThan(1e-12)
    }
    expect(
      largestDifference(columnGram(orthonormalise(new Float64Array(n * k), n, k), n, k), identity(k))
    ).toBe(0)
    expect(() => orthonormalise(new Float64Array(6), 2, 3)).toThrow(RangeError)
  })
})

describe("cholesky", () => {
  it("factors a positive definite matrix and refuses a singular one", () => {
    // By hand: [[4, 2], [2, 5]] = [[2, 0], [1, 2]] [[2, 1], [0, 2]].
    expect(cholesky(Float64Array.of(4, 2, 2, 5), 2, 1e-12)).toEqual(Float64Array.of(2, 0, 1, 2))
    expect(cholesky(Float64Array.of(1, 1, 1, 1), 2, 1e-12)).toBeUndefined()
  })
})

describe("symmetricEigen", () => {
  it("solves a matrix worked out by hand", () => {
    // [[2, 1], [1, 2]] has eigenvalues 3 and 1 with eigenvectors (1, 1)/√2 and (1, −1)/√2.
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2)
    expect(largestDifference(values, [3, 1])).toBeLessThan(1e-15)
    expect(
      largestDifference(
        vectors.map(Math.abs),
        [1, 1, 1, 1].map((x) => x / Math.SQRT2)
      )
    ).toBeLessThan(1e-15)
  })

  it("rebuilds random symmetric matrices from orthonormal eigenvectors", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.string(), (n, seed) => {
        const x = gaussian(seed, n * n)
        const a = x.map((value, at) => value + x[(at % n) * n + Math.floor(at / n)])
        const { values, vectors } = symmetricEigen(a, n)
        const scaled = vectors.map((value, at) => value * values[Math.floor(at / n)])
        expect(largestDifference(product(transposeDense(vectors, n, n), scaled, n, n, n), a)).toBeLessThan(
          1e-12
        )
        expect(largestDifference(columnGram(transposeDense(vectors, n, n), n, n), identity(n))).toBeLessThan(
          1e-13
        )
        expect([...values].every((value, i) => i === 0 || value <= values[i - 1])).toBe(true)
      })
    )
    expect(() => symmetricEigen(Float64Array.of(Number.NaN), 1)).toThrow(RangeError)
  })
})

/** Singular values and the projector on the leading left singular vectors, from the full Gram matrix A Aᵀ. */
const byGram = (dense: Float64Array, rows: number, columns: number, rank: number) => {
  const { values, vectors } = symmetricEigen(
    columnGram(transposeDense(dense, rows, columns), columns, rows),
    rows
  )
  const leading = vectors.slice(0, rank * rows)
  return {
    values: values.slice(0, rank).map((value) => Math.sqrt(Math.max(value, 0))),
    projector: columnGram(leading, rank, rows)
  }
}

/** A matrix with singular values 1, 1/2, 1/4, … */
const decaying = (rows: number, columns: number): Float64Array => {
  const left = orthonormalise(gaussian("left", rows * columns), rows, columns)
  const right = orthonormalise(gaussian("right", columns * columns), columns, columns)
  const scaled = left.map((value, at) => value * 2 ** -(at % columns))
  return product(scaled, transposeDense(right, columns, columns), rows, columns, columns)
}

describe("randomisedSvd", () => {
  it("agrees with the dense decomposition: values, and the space of the leading vectors", () => {
    const [rows, columns, rank] = [40, 25, 6]
    const dense = decaying(rows, columns)
    const svd = randomisedSvd(
      sparse(dense, rows, columns),
      { rank, oversampling: 6, powerIterations: 4 },
      makeRandom("svd", "test")
    )
    const reference = byGram(dense, rows, columns, rank)
    expect(largestDifference(svd.values, reference.values)).toBeLessThan(1e-10)
    expect(largestDifference(svd.values, [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32])).toBeLessThan(1e-10)
    expect(largestDifference(columnGram(svd.left, rows, rank), identity(rank))).toBeLessThan(1e-12)
    const projector = columnGram(transposeDense(svd.left, rows, rank), rank, rows)
    expect(largestDifference(projector, reference.projector)).toBeLessThan(1e-8)
  })

  it("handles matrices smaller than the rank and of less than full rank", () => {
    const svd = randomisedSvd(
      sparse(Float64Array.of(3, 0, 0, 0, 0, 0), 3, 2),
      { rank: 10, oversampling: 5, powerIterations: 2 },
      makeRandom("small", "test")
    )
    expect(largestDifference(svd.values, [3, 0])).toBeLessThan(1e-12)
    expect(largestDifference(columnGram(svd.left, 3, 2), identity(2))).toBeLessThan(1e-12)
  })

  it("goes on from a saved state to the same bits", () => {
    const a = sparse(decaying(30, 20), 30, 20)
    const options = { rank: 5, oversampling: 3, powerIterations: 3 }
    const finder = rangeFinder(a, options)
    let state = finder.next(finder.start(makeRandom("resume", "test")))
    state = structuredClone(state)
    const again = rangeFinder(a, options)
    while (state.step < again.steps) state = again.next(state)
    expect(again.finish(state)).toEqual(randomisedSvd(a, options, makeRandom("resume", "test")))
  })
})

function transposeDense(a: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const i = at % rows
    return a[i * columns + (at - i) / rows]
  })
}
