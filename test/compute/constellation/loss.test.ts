/** The two forms of the loss, its gradient, its limit, and no epsilon. */
import { describe, expect, it } from "vitest"
import { codeConstellation, constructionOne } from "../../../compute/constellation/constructions.ts"
import {
  projectTangential,
  sigmoid,
  sigmoidLoss,
  sigmoidLossGradient,
  softplus,
  type LossSettings
} from "../../../compute/constellation/loss.ts"
import { measureMargins } from "../../../compute/constellation/margins.ts"
import { randomCode } from "../../../compute/constellation/optimisedCode.ts"
import { pairRows } from "../../../compute/constellation/Pairing.ts"
import { codeThreshold, rootsD } from "../../../compute/constellation/sphericalCodes.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const dims = 5
const pairs = 8
const left = randomCode(pairs, dims, makeRandom("loss", "left"))
const right = randomCode(pairs, dims, makeRandom("loss", "right"))

describe("sigmoid loss", () => {
  it("relative at (t, b) equals absolute at (t, t·b)", () => {
    const pairing = pairRows(left, right, dims)
    for (const t of [0.1, 1, 10, 100]) {
      for (const b of [-1, -0.3, 0, 0.7]) {
        const relative = sigmoidLoss(pairing, { form: "relative", inverseTemperature: t, bias: b })
        const absolute = sigmoidLoss(pairing, { form: "absolute", inverseTemperature: t, bias: t * b })
        expect(Math.abs(relative - absolute)).toBeLessThanOrEqual(1e-12 * relative)
      }
    }
  })

  it.each(["relative", "absolute"] as const)("the %s gradient matches central differences", (form) => {
    const settings: LossSettings = { form, inverseTemperature: 6, bias: form === "relative" ? 0.2 : -1.5 }
    const gradient = sigmoidLossGradient(pairRows(left, right, dims), settings)
    const h = 1e-6
    const agrees = (analytic: number, above: number, below: number) =>
      expect(Math.abs(analytic - (above - below) / (2 * h))).toBeLessThanOrEqual(
        1e-5 * Math.abs(analytic) + 1e-10
      )
    const lossWith = (change: Partial<LossSettings>, u = left, v = right) =>
      sigmoidLoss(pairRows(u, v, dims), { ...settings, ...change })
    expect(gradient.loss).toBeCloseTo(lossWith({}), 14)
    for (let at = 0; at < left.length; at++) {
      const moved = (data: Float64Array, by: number) => data.map((x, i) => (i === at ? x + by : x))
      agrees(gradient.left[at], lossWith({}, moved(left, h)), lossWith({}, moved(left, -h)))
      agrees(gradient.right[at], lossWith({}, left, moved(right, h)), lossWith({}, left, moved(right, -h)))
    }
    const t = settings.inverseTemperature
    agrees(
      gradient.logInverseTemperature,
      lossWith({ inverseTemperature: t * Math.exp(h) }),
      lossWith({ inverseTemperature: t * Math.exp(-h) })
    )
    agrees(gradient.bias, lossWith({ bias: settings.bias + h }), lossWith({ bias: settings.bias - h }))
  })

  it("log L / t → −m* within (2 ln N)/t at b = b* t (Theorem 3.2)", () => {
    const code = rootsD(4)
    const { pairing } = constructionOne(
      pairRows(code, code, 4),
      codeConstellation(codeThreshold(code, 4)),
      0.9,
      0.2
    )
    const { margin, relativeBias } = measureMargins(pairing)
    expect(margin).toBeGreaterThan(0)
    for (const t of [100, 300, 1000]) {
      const mean = sigmoidLoss(pairing, { form: "relative", inverseTemperature: t, bias: relativeBias })
      const total = mean * pairing.rows * pairing.columns
      expect(Math.abs(Math.log(total) / t + margin)).toBeLessThanOrEqual((2 * Math.log(pairing.rows)) / t)
    }
  })

  it("stays exact far out: no epsilon inside a logarithm", () => {
    expect(softplus(1e4)).toBe(1e4)
    expect(softplus(-700)).toBeGreaterThan(0)
    expect(softplus(-40)).toBeCloseTo(Math.exp(-40), 30)
    expect(sigmoid(-700)).toBeGreaterThan(0)
    expect(sigmoid(700)).toBe(1)
    const loss = sigmoidLoss(pairRows(left, right, dims), {
      form: "relative",
      inverseTemperature: 1e4,
      bias: 0
    })
    expect(Number.isFinite(loss)).toBe(true)
    // An epsilon of 1e-8 inside the logarithm caps each entry at 18.42.
    expect(loss).toBeGreaterThan(100)
  })

  it("the tangential gradient is orthogonal to its rows", () => {
    const { left: gradient } = sigmoidLossGradient(pairRows(left, right, dims), {
      form: "relative",
      inverseTemperature: 10,
      bias: 0
    })
    projectTangential(gradient, left, dims)
    for (let at = 0; at < left.length; at += dims) {
      let along = 0
      for (let c = at; c < at + dims; c++) along += gradient[c] * left[c]
      expect(Math.abs(along)).toBeLessThan(1e-15)
    }
  })
})
