/** Bounds on codes and on the dimension of constellations, against explicit ones. */
import * as FastCheck from "fast-check"
import { describe, expect, it } from "vitest"
import { codeDimsAtLeast, largestCode, leastCodeDims } from "../../../compute/constellation/codeBounds.ts"
import { codeConstellation, constructionOne } from "../../../compute/constellation/constructions.ts"
import { dimensionBounds } from "../../../compute/constellation/dimension.ts"
import { fusedTraining } from "../../../compute/constellation/fusedTraining.ts"
import { measureMargins } from "../../../compute/constellation/margins.ts"
import { optimisedCode, randomCode } from "../../../compute/constellation/optimisedCode.ts"
import type { Pairing } from "../../../compute/constellation/Pairing.ts"
import { pairRows, unitRows } from "../../../compute/constellation/Pairing.ts"
import {
  codeThreshold,
  crossPolytope,
  icosahedron,
  rootsD,
  rootsE8,
  simplexCode
} from "../../../compute/constellation/sphericalCodes.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const random = (name: string) => makeRandom("dimension", name)

/** Checks a constellation's bounds against its own dimension, and its midpoints against the threshold a. */
const check = (pairing: Pairing): void => {
  const { margin, relativeBias } = measureMargins(pairing)
  if (!(margin > 1e-9)) return
  const bounds = dimensionBounds(margin, relativeBias, pairing.rows)
  expect(bounds.necessaryDimension).toBeLessThanOrEqual(pairing.dims)
  expect(bounds.sufficientDimension).toBeGreaterThanOrEqual(bounds.necessaryDimension)
  const midpoints = unitRows(
    Float64Array.from(pairing.left, (x, at) => x + pairing.right[at]!),
    pairing.dims
  )
  expect(codeThreshold(midpoints, pairing.dims)).toBeLessThanOrEqual(bounds.threshold + 1e-6)
}

describe("bounds on spherical codes", () => {
  // Sharp configurations: Cohn & Kumar, "Universally optimal distribution of points on spheres", 2007, table 1.
  it.each([
    [3, 1 / Math.sqrt(5), 12],
    [5, 1 / 5, 16],
    [6, 1 / 4, 27],
    [7, 1 / 3, 56],
    [8, 1 / 2, 240],
    [21, 1 / 7, 162],
    [22, 1 / 6, 275],
    [22, 1 / 4, 891],
    [23, 1 / 5, 552],
    [23, 1 / 3, 4600],
    [24, 1 / 2, 196_560],
    [10, 0, 20],
    [9, -1 / 9, 10],
    // Levenshtein's bound on the kissing number in 4 dimensions, where 24 is the truth.
    [4, 1 / 2, 26]
  ])("d = %i, a = %f: %i points at most", (dims, threshold, points) => {
    expect(largestCode(dims, threshold)).toBeCloseTo(points, 6)
    if (points !== 26) expect(codeDimsAtLeast(points, threshold)).toBe(dims)
  })

  it("rises with a, without jumps where the polynomial's degree changes", () => {
    for (const dims of [3, 4, 7, 20, 60]) {
      let last = largestCode(dims, 1e-9)
      for (let a = 1e-4; a < 0.9; a += 1e-4) {
        const now = largestCode(dims, a)
        expect(now).toBeGreaterThanOrEqual(last * (1 - 1e-9))
        expect(now).toBeLessThan(last * (1 + 0.05))
        last = now
      }
    }
  })

  it.each([
    ["simplex", simplexCode(8), 7],
    ["cross-polytope", crossPolytope(6), 6],
    ["icosahedron", icosahedron(), 3],
    ["roots of D5", rootsD(5), 5],
    ["roots of E8", rootsE8(), 8],
    ["30 optimised points", optimisedCode(30, 4, random("optimised")), 4],
    ["400 random points", randomCode(400, 6, random("random")), 6]
  ] as const)("%s lies between the bounds", (_, code, dims) => {
    const points = code.length / dims
    const threshold = codeThreshold(code, dims)
    expect(largestCode(dims, threshold)).toBeGreaterThanOrEqual(points - 1e-6)
    expect(codeDimsAtLeast(points, threshold)).toBeLessThanOrEqual(dims)
    expect(leastCodeDims(points, threshold)).toBeGreaterThanOrEqual(codeDimsAtLeast(points, threshold))
    if (["simplex", "cross-polytope", "icosahedron", "roots of E8"].includes(_)) {
      expect(leastCodeDims(points, threshold)).toBe(dims)
    }
  })

  it("the covering argument promises no more than the formula of a cap", () => {
    // Share of the sphere in 3 dimensions above height a is (1 − a)/2.
    for (const a of [0.1, 0.5, 0.9, 0.99]) {
      const promised = a * Math.sqrt(2 * Math.PI * 2) * (1 - a * a) ** -1
      expect(promised).toBeLessThanOrEqual(2 / (1 - a))
    }
  })
})

describe("dimension of a constellation", () => {
  it("50 pairs at m = .3, b = −.05 exist in 51 dimensions, where the leading order says 191.7", () => {
    const simplex = simplexCode(50)
    // Construction 1 on 49 dimensions, δ and φ as the target asks.
    const a = -1 / 49
    const delta2 = (2 * 0.3) / (1 - a)
    const phi2 = (-0.05 - (delta2 * (1 + a)) / 2 - delta2 + 1) / 2
    const { pairing } = constructionOne(
      pairRows(simplex, simplex, 49),
      codeConstellation(a),
      Math.sqrt(delta2),
      Math.sqrt(phi2)
    )
    const margins = measureMargins(pairing)
    expect([pairing.rows, pairing.dims]).toEqual([50, 51])
    expect(margins.margin).toBeCloseTo(0.3, 12)
    expect(margins.relativeBias).toBeCloseTo(-0.05, 12)
    check(pairing)
    const bounds = dimensionBounds(0.3, -0.05, 50)
    expect(bounds.asymptoticNecessaryDimension).toBeCloseTo(191.66, 2)
    expect([bounds.necessaryDimension, bounds.sufficientDimension]).toEqual([19, 26])
  })

  it("Construction 1 on any code, with any δ and φ, has no fewer dimensions than are necessary", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.integer({ min: 2, max: 40 }),
        FastCheck.integer({ min: 2, max: 9 }),
        FastCheck.double({ min: 0.05, max: 1, noNaN: true }),
        FastCheck.double({ min: 0, max: 1, noNaN: true }),
        (points, dims, delta, share) => {
          const code = randomCode(points, dims, random(`${points} ${dims}`))
          const phi = Math.sqrt((1 - delta * delta) * share)
          const of = codeConstellation(codeThreshold(code, dims))
          check(constructionOne(pairRows(code, code, dims), of, delta, phi).pairing)
        }
      ),
      { numRuns: 150 }
    )
  })

  it.each([
    ["simplex", simplexCode(12), 11],
    ["cross-polytope", crossPolytope(7), 7],
    ["icosahedron", icosahedron(), 3],
    ["roots of D4", rootsD(4), 4],
    ["roots of E8", rootsE8(), 8]
  ] as const)("on the %s: the bounds hold with φ = 0, and the sufficient one is reached", (_, code, dims) => {
    for (const delta of [0.3, 0.7, 0.95]) {
      const plain = pairRows(code, code, dims)
      const tail = Math.sqrt(1 - delta * delta)
      const extended = (sign: number) =>
        Float64Array.from({ length: plain.rows * (dims + 1) }, (_unused, at) => {
          const [row, column] = [Math.floor(at / (dims + 1)), at % (dims + 1)]
          return column === dims ? sign * tail : delta * code[row * dims + column]!
        })
      const pairing = { ...plain, left: extended(1), right: extended(-1), dims: dims + 1 }
      const { margin, relativeBias } = measureMargins(pairing)
      const bounds = dimensionBounds(margin, relativeBias, plain.rows)
      expect(bounds.threshold).toBeCloseTo(codeThreshold(code, dims), 9)
      check(pairing)
      expect(bounds.sufficientDimension).toBeLessThanOrEqual(dims + 1)
    }
  })

  it("trained constellations of pairs that are not alike obey the bounds", async () => {
    for (const [items, dims] of [
      [20, 3],
      [30, 5],
      [12, 8]
    ] as const) {
      const start = Float32Array.from(
        ["left", "right"].flatMap((side) => Array.from(randomCode(items, dims, random(`${side} ${items}`))))
      )
      const training = fusedTraining(
        {
          modalities: 2,
          items,
          dims,
          edges: [{ left: 0, right: 1 }],
          locked: [false, false],
          adapter: undefined,
          gradient: "tangential",
          epsilon: 0,
          steps: 2000,
          learningRate: 1e-2,
          recordEvery: 2000
        },
        [
          {
            form: "relative",
            inverseTemperature: 10,
            bias: 0,
            trainInverseTemperature: true,
            trainBias: true,
            guide: undefined
          }
        ],
        start
      )
      await training.advance(Infinity)
      const { vectors } = await training.result()
      const side = (at: number) =>
        unitRows(vectors.subarray(at * items * dims, (at + 1) * items * dims), dims)
      const pairing = pairRows(side(0), side(1), dims)
      expect(measureMargins(pairing).margin).toBeGreaterThan(0)
      check(pairing)
    }
  })

  it("with a negative threshold N pairs take N − 1 dimensions, and N is bounded as in Theorem 3.4", () => {
    expect(dimensionBounds(0.35, 0, 10)).toMatchObject({
      necessaryDimension: 9,
      sufficientDimension: 10,
      largestRate: null,
      asymptoticNecessaryDimension: null
    })
    expect(() => dimensionBounds(0.4, 0, 100)).toThrow(RangeError)
    // Exactly at the corner m = (1 + b)/3, in floating point on either side of it: as many as a cross-polytope.
    expect(dimensionBounds(0.3, -0.1, 40).necessaryDimension).toBe(20)
  })

  it("refuses what is no constellation", () => {
    expect(() => dimensionBounds(0, 0, 100)).toThrow(RangeError)
    expect(() => dimensionBounds(0.3, 0.8, 100)).toThrow(RangeError)
    expect(() => dimensionBounds(0.1, 0, 1)).toThrow(RangeError)
    expect(() => dimensionBounds(0.1, 0, 10.5)).toThrow(RangeError)
  })
})
