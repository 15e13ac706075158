import { describe, expect, it } from "vitest"
import { NewtonKernel } from "../../../../compute/margin/kernels/NewtonKernel.ts"
import { makeRandom } from "../../../../compute/random/RandomStream.ts"

const gaussian = (length: number, name: string): Float64Array => {
  const data = new Float64Array(length)
  makeRandom("newton kernel", name).fillGaussian(data)
  return data
}

/** X Xᵀ + I for an n × n Gaussian X. */
const positiveDefinite = (n: number, name: string): Float64Array => {
  const x = gaussian(n * n, name)
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? 1 : 0
      for (let k = 0; k < n; k++) sum += x[i * n + k] * x[j * n + k]
      a[i * n + j] = sum
    }
  }
  return a
}

/** The greatest difference of the lower triangles of A and L Lᵀ. */
const error = (a: Float64Array, l: Float64Array, n: number): number => {
  let most = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k <= j; k++) sum += l[i * n + k] * l[j * n + k]
      most = Math.max(most, Math.abs(sum - a[i * n + j]))
    }
  }
  return most
}

describe("the kernel of the interior point method", () => {
  // Below, at and past whole panels of 48 and whole tiles of 4.
  it.each([1, 3, 47, 48, 49, 131])("factors a positive definite matrix of order %i, and no other", (n) => {
    const kernel = new NewtonKernel(n, 1, 1)
    const a = positiveDefinite(n, `dense ${n}`)
    kernel.dense.set(a)
    expect(kernel.factorDense()).toBe(true)
    expect(error(a, kernel.dense, n)).toBeLessThan(1e-14 * 4 * n * n)
    kernel.dense.set(a)
    kernel.dense[n * n - 1] = -1
    expect(kernel.factorDense()).toBe(false)
    kernel.release()
  })

  it("takes the Schur complement of a block, of some of its columns", () => {
    const order = 17
    const depth = 3
    const kernel = new NewtonKernel(order, 2, depth)
    const block = positiveDefinite(depth, "block")
    kernel.blocks.set(block, depth * depth)
    expect(kernel.factorBlock(1)).toBe(true)
    const places = [0, 2, 3, 4, 5, 6, 9, 13, 14, 16]
    const x = gaussian(places.length * depth, "columns")
    kernel.columns.fill(0)
    places.forEach((place, c) => {
      kernel.map[c] = place
      for (let k = 0; k < depth; k++) {
        kernel.columns[((c >> 2) * depth + k) * 4 + (c & 3)] = x[c * depth + k]
      }
    })
    kernel.dense.fill(0)
    kernel.eliminate(1, places.length)
    // Xᵀ B⁻¹ X by Cramer's rule.
    const [a, b, c, , d, e, , , f] = block
    const adjugate = [
      [d * f - e * e, c * e - b * f, b * e - c * d],
      [c * e - b * f, a * f - c * c, b * c - a * e],
      [b * e - c * d, b * c - a * e, a * d - b * b]
    ]
    const determinant = a * adjugate[0][0] + b * adjugate[0][1] + c * adjugate[0][2]
    let sum = 0
    for (let i = 0; i < order; i++) {
      for (let j = 0; j <= i; j++) {
        const p = places.indexOf(i)
        const q = places.indexOf(j)
        let expected = 0
        if (p >= 0 && q >= 0) {
          for (let k = 0; k < depth; k++) {
            for (let m = 0; m < depth; m++) {
              expected -= (x[p * depth + k] * adjugate[k][m] * x[q * depth + m]) / determinant
            }
          }
        }
        expect(Math.abs(kernel.dense[i * order + j] - expected)).toBeLessThan(1e-12)
        sum += Math.abs(expected)
      }
    }
    expect(sum).toBeGreaterThan(1)
    kernel.release()
  })

  it("gives two systems at once arrays of their own", () => {
    const one = new NewtonKernel(5, 1, 1)
    const other = new NewtonKernel(5, 1, 1)
    one.dense.fill(1)
    other.dense.fill(2)
    expect(one.dense[0]).toBe(1)
    one.release()
    other.release()
  })
})
