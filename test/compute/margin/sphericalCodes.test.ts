import { describe, expect, it } from "vitest"
import { sphericalCode } from "../../../compute/margin/constructions/sphericalCodes.ts"

const degrees = (angle: number): number => Math.cos((angle * Math.PI) / 180)

describe("spherical codes", () => {
  // Angles: N. J. A. Sloane's tables of spherical codes; the others are named in closed form there or in Conway & Sloane.
  it.each([
    ["polygon", 7, 2, Math.cos((2 * Math.PI) / 7)],
    ["simplex", 4, 3, -1 / 3],
    ["simplex", 12, 11, -1 / 11],
    ["cross-polytope", 5, 3, 0],
    ["cross-polytope", 6, 3, 0],
    ["square antiprism", 8, 3, degrees(74.8584922)],
    ["augmented prism", 9, 3, degrees(70.5287794)],
    ["icosahedron", 11, 3, degrees(63.4349488)],
    ["icosahedron", 12, 3, degrees(63.4349488)],
    ["snub cube", 24, 3, degrees(43.6907671)],
    ["ten points of E8", 10, 4, degrees(80.4059318)],
    ["24-cell", 24, 4, 0.5],
    ["600-cell", 120, 4, degrees(36)],
    ["sixteen points of E8", 16, 5, degrees(78.463041)],
    ["roots of D5", 40, 5, 0.5],
    ["27 points of E8", 27, 6, degrees(75.5224878)],
    ["roots of E6", 72, 6, 0.5],
    ["56 points of E8", 56, 7, degrees(70.5287794)],
    ["roots of E7", 126, 7, 0.5],
    ["roots of E8", 240, 8, 0.5]
  ])("%s: %i points in dimension %i", (name, n, dims, threshold) => {
    const code = sphericalCode(n, dims)!
    expect(code.name).toBe(name)
    expect(code.dims).toBe(dims)
    expect(code.points.length).toBe(n * dims)
    expect(Math.abs(code.threshold - threshold)).toBeLessThan(1e-8)
    for (let i = 0; i < n; i++) {
      let square = 0
      for (let k = 0; k < dims; k++) square += code.points[i * dims + k] ** 2
      expect(Math.abs(square - 1)).toBeLessThan(1e-14)
    }
  })

  it("more dimensions are never worse, and what no formula gives is left out", () => {
    let before = 1
    for (let dims = 2; dims <= 12; dims++) {
      const threshold = sphericalCode(24, dims)!.threshold
      expect(threshold).toBeLessThanOrEqual(before)
      before = threshold
    }
    expect(sphericalCode(3, 1)).toBeUndefined()
    expect(sphericalCode(1, 3)).toBeUndefined()
  })
})
