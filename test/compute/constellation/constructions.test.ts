/** Constructions exact to 1e-6 (here 1e-12), the adapter identity exact in logits. */
import * as FastCheck from "fast-check"
import { describe, expect, it } from "vitest"
import { adapt, withoutAdapter } from "../../../compute/constellation/adapter.ts"
import {
  codeConstellation,
  constructionOne,
  constructionOneFor,
  constructionTwo
} from "../../../compute/constellation/constructions.ts"
import { dimensionBounds } from "../../../compute/constellation/dimension.ts"
import { sigmoidLoss } from "../../../compute/constellation/loss.ts"
import { measureMargins } from "../../../compute/constellation/margins.ts"
import { optimisedCode, randomCode } from "../../../compute/constellation/optimisedCode.ts"
import { pairRows } from "../../../compute/constellation/Pairing.ts"
import {
  codeThreshold,
  crossPolytope,
  icosahedron,
  rootsD,
  rootsE8,
  simplexCode
} from "../../../compute/constellation/sphericalCodes.ts"
import { edgesOf } from "../../../compute/constellation/synchronisation.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const random = (name: string) => makeRandom("constructions", name)

describe("spherical codes", () => {
  // Points and thresholds of known optimal codes (simplex, cross-polytope, icosahedron, 24-cell, E8 kissing configuration).
  it.each([
    { name: "simplex", code: simplexCode(7), dims: 6, points: 7, threshold: -1 / 6 },
    { name: "cross-polytope", code: crossPolytope(5), dims: 5, points: 10, threshold: 0 },
    { name: "icosahedron", code: icosahedron(), dims: 3, points: 12, threshold: 1 / Math.sqrt(5) },
    { name: "24-cell", code: rootsD(4), dims: 4, points: 24, threshold: 0.5 },
    { name: "E8", code: rootsE8(), dims: 8, points: 240, threshold: 0.5 }
  ])("$name", ({ code, dims, points, threshold }) => {
    expect(code.length).toBe(points * dims)
    for (let at = 0; at < code.length; at += dims) {
      expect(code.subarray(at, at + dims).reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 12)
    }
    expect(codeThreshold(code, dims)).toBeCloseTo(threshold, 12)
  })

  // Best known codes in 3 dimensions: 12 points at 63.4349488° (icosahedron) and 20 points at 47.4310362° (Sloane's
  // tables of spherical codes, neilsloane.com/packings).
  it.each([
    { points: 12, degrees: 63.4349488 },
    { points: 20, degrees: 47.4310362 }
  ])("the search finds the best known code of $points points on the sphere", ({ degrees, points }) => {
    const code = optimisedCode(points, 3, random(`search ${points}`))
    const angle = (Math.acos(codeThreshold(code, 3)) * 180) / Math.PI
    expect(angle).toBeGreaterThan(degrees - 1e-3)
    expect(angle).toBeLessThan(degrees + 1e-6)
  })
})

describe("constructions", () => {
  it("a code paired with itself", () => {
    const code = rootsD(4)
    const margins = measureMargins(pairRows(code, code, 4))
    const promised = codeConstellation(codeThreshold(code, 4))
    expect(margins.margin).toBeCloseTo(promised.margin, 12)
    expect(margins.relativeBias).toBeCloseTo(promised.relativeBias, 12)
    expect(margins.margin + margins.relativeBias).toBeCloseTo(1, 12)
  })

  it("Construction 1: measured margin and relative bias equal the formulas", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.double({ min: 0.05, max: 1, noNaN: true }),
        FastCheck.double({ min: 0, max: 1, noNaN: true }),
        FastCheck.string(),
        (delta, share, seed) => {
          const code = randomCode(15, 5, makeRandom(seed, "code"))
          const base = pairRows(code, code, 5)
          const phi = share * Math.sqrt(1 - delta * delta)
          const { pairing, promised } = constructionOne(
            base,
            codeConstellation(codeThreshold(code, 5)),
            delta,
            phi
          )
          const margins = measureMargins(pairing)
          expect(pairing.dims).toBe(7)
          expect(margins.margin).toBeCloseTo(promised.margin, 12)
          expect(margins.relativeBias).toBeCloseTo(promised.relativeBias, 12)
        }
      ),
      { numRuns: 40 }
    )
  })

  it("Construction 1 hits a target margin and relative bias with the code of Theorem 3.3", () => {
    const target = { margin: 0.15, relativeBias: 0.1 }
    const threshold = dimensionBounds(target.margin, target.relativeBias, 24).threshold
    const code = rootsE8()
    expect(codeThreshold(code, 8)).toBeLessThan(threshold)
    const { delta, phi } = constructionOneFor(codeThreshold(code, 8), target)
    const { pairing } = constructionOne(
      pairRows(code, code, 8),
      codeConstellation(codeThreshold(code, 8)),
      delta,
      phi
    )
    const margins = measureMargins(pairing)
    expect(margins.margin).toBeCloseTo(target.margin, 12)
    expect(margins.relativeBias).toBeCloseTo(target.relativeBias, 12)
    expect(() => constructionOneFor(0.9, target)).toThrow(RangeError)
  })

  it.each([3, 4, 8])("Construction 2 with %i modalities serves every pair with one (m, b)", (modalities) => {
    const code = crossPolytope(5)
    const { dims, embeddings, promised } = constructionTwo(code, 5, codeThreshold(code, 5), modalities, 0.8)
    expect(dims).toBe(5 + modalities - 1)
    for (const { left, right } of edgesOf("complete", modalities)) {
      const margins = measureMargins(pairRows(embeddings[left], embeddings[right], dims))
      expect(margins.margin).toBeCloseTo(promised.margin, 12)
      expect(margins.relativeBias).toBeCloseTo(promised.relativeBias, 12)
    }
  })
})

describe("adapter", () => {
  it.each([0.1, 0.3, 0.5, 0.8, 0.99])(
    "the adapted loss at δ = %f is the plain one at other t and b",
    (delta) => {
      const dims = 6
      const left = randomCode(20, dims, random(`left ${delta}`))
      const right = randomCode(20, dims, random(`right ${delta}`))
      const plain = pairRows(left, right, dims)
      for (const sign of [1, -1] as const) {
        const adapted = pairRows(adapt(left, dims, delta, 1), adapt(right, dims, delta, sign), dims + 1)
        const settings = { inverseTemperature: 7, relativeBias: -0.2 }
        const other = withoutAdapter(settings.inverseTemperature, settings.relativeBias, delta, sign)
        // In logits, entry by entry.
        for (let i = 0; i < 20; i++) {
          let s = 0
          let a = 0
          for (let c = 0; c < dims; c++) s += left[i * dims + c] * right[c]
          for (let c = 0; c <= dims; c++) a += adapted.left[i * (dims + 1) + c] * adapted.right[c]
          const logit = settings.inverseTemperature * (a - settings.relativeBias)
          expect(other.inverseTemperature * (s - other.relativeBias)).toBeCloseTo(logit, 10)
        }
        expect(
          sigmoidLoss(plain, {
            form: "relative",
            inverseTemperature: other.inverseTemperature,
            bias: other.relativeBias
          })
        ).toBeCloseTo(sigmoidLoss(adapted, { form: "relative", inverseTemperature: 7, bias: -0.2 }), 12)
      }
    }
  )
})
