import { describe, expect, it } from "vitest"
import { codeMargin, knownCodes } from "../../../bench/margin/knownCodes.ts"
import { sphericalCode } from "../../../compute/margin/constructions/sphericalCodes.ts"

describe("best known spherical codes", () => {
  it.each(knownCodes.map((code) => [`n ${code.n} in d ${code.dim}`, code] as const))(
    "%s: the cosine is a root of its polynomial, and its angle the published one",
    (_, { cosine, degrees, n, polynomial }) => {
      expect(((Math.acos(cosine) * 180) / Math.PI).toFixed(7)).toBe(degrees)
      // Thirteen points have no short polynomial, but Musin and Tarasov's equation.
      if (polynomial === undefined) expect(n).toBe(13)
      else {
        const value = polynomial.reduce((sum, coefficient) => sum * cosine + coefficient, 0)
        expect(Math.abs(value)).toBeLessThan(1e-14)
      }
    }
  )

  it("thirteen points: cos a / (1 − cos a) where 2 tan(3π/8 − a/4) = (1 − 2 cos a) / cos² a", () => {
    let low = 1.1
    let high = 1.3
    const excess = (a: number): number =>
      2 * Math.tan((3 * Math.PI) / 8 - a / 4) - (1 - 2 * Math.cos(a)) / Math.cos(a) ** 2
    expect(excess(low) * excess(high)).toBeLessThan(0)
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2
      if (excess(middle) * excess(low) > 0) low = middle
      else high = middle
    }
    const cosine = Math.cos(low) / (1 - Math.cos(low))
    expect(knownCodes.find(({ dim, n }) => dim === 3 && n === 13)!.cosine).toBeCloseTo(cosine, 12)
  })

  it("no code of ours is better than the best known, and the margin is half of 1 − cosine", () => {
    for (const code of knownCodes) {
      const ours = sphericalCode(code.n, code.dim)
      if (ours !== undefined) expect(ours.threshold).toBeGreaterThan(code.cosine - 1e-12)
      expect(codeMargin(code)).toBe((1 - code.cosine) / 2)
    }
  })
})
