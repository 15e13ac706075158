/** Theorem 3.6 made constructive, and hyperplanes with an offset. */
import * as FastCheck from "fast-check"
import { describe, expect, it } from "vitest"
import { codeConstellation, constructionOne } from "../../../compute/constellation/constructions.ts"
import { probeModality } from "../../../compute/constellation/linearProbe.ts"
import { measureMargins } from "../../../compute/constellation/margins.ts"
import { minimumNormPoint } from "../../../compute/constellation/minimumNormPoint.ts"
import { randomCode } from "../../../compute/constellation/optimisedCode.ts"
import { pairRows } from "../../../compute/constellation/Pairing.ts"
import { perceptron } from "../../../compute/constellation/perceptron.ts"
import { separateByPlane, separateThroughOrigin } from "../../../compute/constellation/separation.ts"
import { codeThreshold, rootsD } from "../../../compute/constellation/sphericalCodes.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const hull = (points: ReadonlyArray<ReadonlyArray<number>>) => (direction: Float64Array) => {
  const heights = points.map((point) => point.reduce((sum, x, c) => sum + x * direction[c], 0))
  const key = heights.indexOf(Math.min(...heights))
  return { key, point: Float64Array.from(points[key]) }
}

describe("minimum-norm point", () => {
  it("on an edge, at a corner, and at the origin", () => {
    const edge = minimumNormPoint(
      hull([
        [2, 0],
        [0, 2],
        [3, 3]
      ]),
      2
    )
    expect(Array.from(edge.point)).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)])
    expect(edge.converged).toBe(true)
    expect(
      minimumNormPoint(
        hull([
          [1, 1],
          [2, 1],
          [1, 2]
        ]),
        2
      ).norm
    ).toBeCloseTo(Math.SQRT2, 12)
    expect(
      minimumNormPoint(
        hull([
          [1, 0],
          [-1, 1],
          [-1, -1]
        ]),
        2
      ).norm
    ).toBeLessThan(1e-9)
  })

  it("is optimal: every extreme point lies beyond it, and few carry it", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string(), FastCheck.integer({ min: 2, max: 7 }), (seed, dims) => {
        const stream = makeRandom(seed, "points")
        const points = Array.from({ length: 40 }, () =>
          Array.from({ length: dims }, (_, c) => stream.gaussian() + (c === 0 ? 4 : 0))
        )
        const nearest = minimumNormPoint(hull(points), dims)
        for (const point of points) {
          const along = point.reduce((sum, x, c) => sum + x * nearest.point[c], 0)
          expect(along).toBeGreaterThanOrEqual(nearest.norm ** 2 - 1e-8)
        }
        expect(nearest.support.length).toBeLessThanOrEqual(dims + 1)
      }),
      { numRuns: 40 }
    )
  })
})

describe("separation of the modalities", () => {
  it("Theorem 3.6: all of U and all but d of V, for constellations with m > |b|", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.string(),
        FastCheck.double({ min: 0.3, max: 0.55, noNaN: true }),
        (seed, delta) => {
          const code = randomCode(12, 5, makeRandom(seed, "code"))
          const of = codeConstellation(codeThreshold(code, 5))
          // φ chosen so that b' = 0.
          const phi = Math.sqrt((1 - delta * delta * (1 + of.relativeBias)) / 2)
          const { pairing } = constructionOne(pairRows(code, code, 5), of, delta, phi)
          const { margin, relativeBias } = measureMargins(pairing)
          FastCheck.pre(margin > Math.abs(relativeBias) + 1e-6)
          const separated = separateThroughOrigin(pairing)
          expect(separated.leftSeparated).toBe(pairing.rows)
          expect(separated.rightSeparated).toBeGreaterThanOrEqual(pairing.columns - pairing.dims)
          expect(separated.support).toBeLessThanOrEqual(pairing.dims)
        }
      ),
      { numRuns: 25 }
    )
  })

  it("finds no direction where the left side surrounds the origin", () => {
    const code = rootsD(4)
    expect(separateThroughOrigin(pairRows(code, code, 4)).direction).toBeUndefined()
  })

  it("decides separability by a plane, and the perceptron agrees", () => {
    const random = makeRandom("separation", "plane")
    const left = randomCode(40, 3, random).map((x, at) => x + (at % 3 === 0 ? 1.2 : 0))
    const right = randomCode(40, 3, random).map((x, at) => x - (at % 3 === 0 ? 1.2 : 0))
    const apart = pairRows(left, right, 3)
    const plane = separateByPlane(apart)
    expect(plane.separable).toBe(true)
    expect([plane.leftSeparated, plane.rightSeparated]).toEqual([40, 40])
    expect(plane.hullDistance).toBeGreaterThan(0.4)
    expect(perceptron(apart).separated).toBe(true)
    expect(probeModality(apart)).toBe(1)

    const mixed = pairRows(randomCode(200, 3, random), randomCode(200, 3, random), 3)
    expect(separateByPlane(mixed)).toMatchObject({ separable: false })
    const learned = perceptron(mixed, { rounds: 20 })
    expect(learned.separated).toBe(false)
    expect(learned.leftMisclassified + learned.rightMisclassified).toBeGreaterThan(0)
    expect(probeModality(mixed)).toBeLessThan(0.65)
  })
})
