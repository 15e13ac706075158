/** The closed forms of complete graphs, derived by hand, are test oracles only. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { verify } from "../../../compute/margin/bound/certificate.ts"
import { dimensionFree } from "../../../compute/margin/bound/dimensionFree.ts"
import { softminDual } from "../../../compute/margin/bound/dual.ts"
import { completeGraph, randomGraph } from "../../../compute/margin/graphs.ts"
import { MarginKernel } from "../../../compute/margin/kernels/MarginKernel.ts"
import { margins, normaliseRows } from "../../../compute/margin/margins.ts"
import { fromLists } from "../../../compute/margin/Relevance.ts"
import { sphereLbfgs } from "../../../compute/margin/solve/sphereLbfgs.ts"
import { equivariantStart } from "../../../compute/margin/bound/dimensionFree.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const zeroForm = (n: number, k: number): number => n / (2 * Math.sqrt(k * (n - k) * (n - 1)) + n - 2 * k)
const globalForm = (n: number, k: number): number => n / (2 * Math.sqrt(k * (n - 1) * (n - k)))

describe("complete graphs, primal and dual both at the closed form", () => {
  const cases = Array.from({ length: 29 }, (_, at) => at + 2).flatMap((n) =>
    [1, 2, 3, 4].filter((k) => n >= 2 * k).map((k) => [n, k] as const)
  )
  it.each(cases)("n = %i, k = %i", (n, k) => {
    const a = completeGraph(n, k)
    for (const [threshold, form] of [
      ["zero", zeroForm(n, k)],
      ["global", globalForm(n, k)],
      ["row", globalForm(n, k)]
    ] as const) {
      const solved = dimensionFree(a, threshold)
      // A margin is at most 1: n = 2, k = 1 meets it under a free threshold.
      expect(solved.lower!).toBeLessThanOrEqual(form * (1 + 1e-12))
      expect(solved.upper!).toBeGreaterThanOrEqual(form * (1 - 1e-12))
      expect(Math.abs(solved.lower! - form)).toBeLessThan(1e-6)
      expect(Math.abs(solved.upper! - form)).toBeLessThan(1e-6)
    }
  })

  it("20, 2: .2927966720 and .3823595565", () => {
    expect(zeroForm(20, 2)).toBeCloseTo(0.292796672, 9)
    expect(globalForm(20, 2)).toBeCloseTo(0.3823595565, 9)
  })

  it("the general solver finds the closed form too, without the two-level family", () => {
    const a = completeGraph(12, 2)
    const start = equivariantStart(a)
    const kernel = new MarginKernel(a, {
      dims: start.dims,
      threshold: "zero",
      precision: "float64",
      adam: false
    })
    kernel.load(start.queries, start.documents)
    for (let t = 40; t <= 2560; t *= 4)
      sphereLbfgs(kernel, { sharpness: t, iterations: 200, tolerance: 1e-10 })
    const read = kernel.read()
    const queries = normaliseRows(read.queries, start.dims)
    const documents = normaliseRows(read.documents, start.dims)
    const reached = margins(a, queries, documents, start.dims).zero
    const bound = verify(a, "zero", softminDual(a, "zero", 2560, queries, documents, start.dims))
    expect(reached).toBeGreaterThan(zeroForm(12, 2) * 0.997)
    expect(bound).toBeLessThan(zeroForm(12, 2) * 1.0001)
    expect(bound).toBeGreaterThanOrEqual(zeroForm(12, 2) * (1 - 1e-12))
  })
})

describe("dimension-free margins of other matrices", () => {
  it("a random p = 0.1 graph closes to 1 % under all three thresholds", () => {
    const a = randomGraph(30, 2, 43, makeRandom("0", "g"))
    for (const threshold of ["zero", "global", "row"] as const) {
      const { lower, upper } = dimensionFree(a, threshold, { tolerance: 0.01 })
      expect(lower!).toBeLessThanOrEqual(upper!)
      expect((upper! - lower!) / upper!).toBeLessThanOrEqual(0.01)
    }
  })

  it("reported embeddings have the reported margin, and thresholds are in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 }), {
          minLength: 2,
          maxLength: 8
        }),
        (lists) => {
          const a = fromLists(6, lists)
          const solved = (["zero", "global", "row"] as const).map((threshold) =>
            dimensionFree(a, threshold, { tolerance: 0.01 })
          )
          for (const { embeddings, lower, threshold, upper } of solved) {
            const { dims, documents, queries } = embeddings!
            const measured = margins(a, queries, documents, dims)
            expect(measured[threshold]! - measured.roundingBound).toBeCloseTo(lower!, 12)
            expect(lower!).toBeLessThanOrEqual(upper!)
          }
          // A stricter threshold's margin never passes a looser one's bound.
          expect(solved[0].lower!).toBeLessThanOrEqual(solved[1].upper!)
          expect(solved[1].lower!).toBeLessThanOrEqual(solved[2].upper!)
        }
      ),
      { numRuns: 8 }
    )
  })

  it("one class only: no global and no row margin", () => {
    const a = fromLists(3, [[0, 1, 2]])
    expect(dimensionFree(a, "global").upper).toBeNull()
    expect(dimensionFree(a, "row").upper).toBeNull()
    expect(dimensionFree(a, "zero").lower!).toBeCloseTo(1, 9)
  })
})
