import { describe, expect, it } from "vitest"
import { denseRows } from "../../../../compute/margin/bound/ceiling/lp/coneProgram.ts"
import { solveCone } from "../../../../compute/margin/bound/ceiling/lp/interiorPoint.ts"
import { makeRandom } from "../../../../compute/random/RandomStream.ts"

describe("solveCone", () => {
  it("solves a linear program with a known vertex", () => {
    // maximise 3x + 2y, x + y ≤ 4, x + 3y ≤ 6, x, y ≥ 0: 12 at (4, 0).
    const { converged, rows, value, z } = solveCone({
      unknowns: 2,
      cost: Float64Array.of(-3, -2),
      ...denseRows(Float64Array.of(1, 1, 1, 3), Float64Array.of(4, 6)),
      nonnegative: Int32Array.of(0, 1)
    })
    expect(converged).toBe(true)
    expect(value).toBeCloseTo(-12, 6)
    expect(z[0]).toBeCloseTo(4, 6)
    expect(rows[0]).toBeCloseTo(3, 6)
  })

  it("finds the least eigenvalue of a 2 × 2 matrix: min tr(CZ), tr Z = 1, Z ⪰ 0", () => {
    const { value, z } = solveCone({
      unknowns: 3,
      cost: Float64Array.of(2, -2 * 1.5, -1),
      ...denseRows(new Float64Array(0), new Float64Array(0)),
      semidefinite: Int32Array.of(0, 1, 2),
      equality: Float64Array.of(1, 0, 1),
      equalityValue: Float64Array.of(1)
    })
    // [[2, −1.5], [−1.5, −1]]: ½ − √(1.5² + 1.5²).
    expect(value).toBeCloseTo(0.5 - Math.sqrt(4.5), 6)
    expect(z[0] * z[2] - z[1] ** 2).toBeCloseTo(0, 6)
  })

  it("on random programs the multipliers prove the value", () => {
    for (let trial = 0; trial < 20; trial++) {
      const random = makeRandom(`${trial}`, "program")
      const unknowns = 4 + (trial % 5)
      const count = 30
      const rows = new Float64Array(count * unknowns)
      random.fillGaussian(rows)
      // Feasible at 0, bounded because the cost is a sum of rows with a minus.
      const limit = Float64Array.from({ length: count }, () => 0.5 + random.uniform())
      const cost = new Float64Array(unknowns)
      for (let r = 0; r < count; r++)
        for (let i = 0; i < unknowns; i++) cost[i] -= rows[r * unknowns + i] / count
      const solution = solveCone({
        unknowns,
        cost,
        ...denseRows(rows, limit),
        semidefinite: Int32Array.of(0, 1, 2)
      })
      expect(solution.converged).toBe(true)
      const { z } = solution
      for (let r = 0; r < count; r++) {
        let sum = 0
        for (let i = 0; i < unknowns; i++) sum += rows[r * unknowns + i] * z[i]
        expect(sum).toBeLessThan(limit[r] + 1e-6)
      }
      expect(z[0] * z[2] - z[1] ** 2).toBeGreaterThan(-1e-6)
      const dual = solution.rows.reduce((sum, weight, r) => sum - weight * limit[r], 0)
      expect(solution.value).toBeCloseTo(dual, 5)
      expect(Math.min(...solution.rows)).toBeGreaterThanOrEqual(0)
    }
  })

  it("rows over shared nodes equal the same rows written out", () => {
    const random = makeRandom("nodes", "program")
    const unknowns = 5
    const nodes = new Float64Array(8 * unknowns)
    random.fillGaussian(nodes)
    const rowStart: Array<number> = [0]
    const rowNode: Array<number> = []
    const rowValue: Array<number> = []
    const dense: Array<number> = []
    for (let a = 0; a < 4; a++) {
      for (let b = 4; b < 8; b++) {
        rowNode.push(a, b)
        rowValue.push(1, 0.5)
        rowStart.push(rowNode.length)
        for (let i = 0; i < unknowns; i++) dense.push(nodes[a * unknowns + i] + 0.5 * nodes[b * unknowns + i])
      }
    }
    const limit = new Float64Array(16).fill(1)
    const cost = new Float64Array(unknowns)
    for (let e = 0; e < dense.length; e++) cost[e % unknowns] -= dense[e] / 16
    const shared = solveCone({
      unknowns,
      cost,
      nodes,
      rowStart: Int32Array.from(rowStart),
      rowNode: Int32Array.from(rowNode),
      rowValue: Float64Array.from(rowValue),
      limit
    })
    const plain = solveCone({ unknowns, cost, ...denseRows(Float64Array.from(dense), limit) })
    expect(shared.converged).toBe(true)
    expect(shared.value).toBeCloseTo(plain.value, 6)
  })
})
