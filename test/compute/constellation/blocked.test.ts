/** Blocked float32 scores and quantiles by counting, against plain float64. */
import { describe, expect, it } from "vitest"
import { blockedScores } from "../../../compute/constellation/blockedScores.ts"
import { measureMargins } from "../../../compute/constellation/margins.ts"
import { randomCode } from "../../../compute/constellation/optimisedCode.ts"
import { makeScoreCounter } from "../../../compute/constellation/quantiles.ts"
import { exactScores } from "../../../compute/constellation/scores.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const random = makeRandom("blocked", "vectors")

describe("blocked scores", () => {
  it.each([
    { rows: 1, columns: 2, dims: 3 },
    { rows: 7, columns: 5, dims: 6 },
    { rows: 300, columns: 17, dims: 33 },
    { rows: 513, columns: 40, dims: 8 }
  ])("$rows × $columns in $dims dimensions", ({ columns, dims, rows }) => {
    const pairing = {
      left: Float32Array.from(randomCode(rows, dims, random)),
      right: Float32Array.from(randomCode(columns, dims, random)),
      dims,
      rows,
      columns,
      match: Uint32Array.from({ length: rows }, (_, i) => i % columns)
    }
    const all = new Float64Array(rows * columns)
    exactScores(pairing, (start, count, scores) =>
      all.set(scores.subarray(0, count * columns), start * columns)
    )
    let seen = 0
    let furthest = 0
    blockedScores(pairing, (start, count, scores) => {
      expect(start).toBe(seen)
      seen += count
      for (let at = 0; at < count * columns; at++) {
        furthest = Math.max(furthest, Math.abs(scores[at] - all[start * columns + at]))
      }
    })
    expect(seen).toBe(rows)
    expect(furthest).toBeLessThan(1e-6)
    const exact = measureMargins(pairing)
    const blocked = measureMargins(pairing, blockedScores)
    expect(blocked.margin).toBeCloseTo(exact.margin, 6)
    expect(blocked.leftToRight).toBe(exact.leftToRight)
  })
})

describe("quantiles by counting", () => {
  it("agrees with sorted values to the bin's width", () => {
    const values = Array.from({ length: 5000 }, () => Math.tanh(random.gaussian() / 2))
    const counter = makeScoreCounter()
    values.forEach(counter.add)
    const sorted = values.toSorted((a, b) => a - b)
    for (const q of [0, 0.05, 0.5, 0.95, 1]) {
      const at = q * (values.length - 1)
      const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
      expect(counter.quantile(q)).toBeGreaterThanOrEqual(below - 4e-6)
      expect(counter.quantile(q)).toBeLessThanOrEqual(above + 4e-6)
    }
    expect(counter.histogram(16).reduce((sum, x) => sum + x, 0)).toBe(5000)
    expect(makeScoreCounter().quantile(0.5)).toBeNaN()
  })

  it("scores at the ends and just beyond them are counted", () => {
    const counter = makeScoreCounter()
    for (const score of [-1.0000001, -1, 1, 1.0000001]) counter.add(score)
    expect(counter.total()).toBe(4)
    expect(Array.from(counter.histogram(2))).toEqual([2, 2])
  })
})
