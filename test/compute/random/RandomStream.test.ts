import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const draw = (count: number, next: () => number): Array<number> => Array.from({ length: count }, () => next())

const first = (seed: string, name: string): number => makeRandom(seed, name).uint32()

describe("RandomStream", () => {
  it("gives the outputs of the published generator", () => {
    // xoshiro128** from state (1, 2, 3, 4): printed by the authors' C code (prng.di.unimi.it).
    const random = makeRandom("any", "any")
    random.restore("00000001-00000002-00000003-00000004")
    expect(draw(10, () => random.uint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804
    ])
  })

  it("depends on the seed and on the name, and on where one ends and the other begins", () => {
    expect(first("s", "n")).toBe(first("s", "n"))
    expect(first("s", "n")).not.toBe(first("s", "m"))
    expect(first("s", "n")).not.toBe(first("t", "n"))
    expect(first("ab", "c")).not.toBe(first("a", "bc"))
  })

  it("derives sub-streams that do not depend on the position", () => {
    const random = makeRandom("seed", "name")
    const before = random.stream("child").uint32()
    random.gaussian()
    expect(random.stream("child").uint32()).toBe(before)
    expect(random.stream("other").uint32()).not.toBe(before)
  })

  it("resumes exactly from its state, whatever was drawn before", () => {
    const step = fc.constantFrom("uint32", "uniform", "gaussian", "integer") as fc.Arbitrary<
      "uint32" | "uniform" | "gaussian" | "integer"
    >
    fc.assert(
      fc.property(fc.string(), fc.array(step, { maxLength: 30 }), (seed, steps) => {
        const random = makeRandom(seed, "p")
        for (const name of steps) {
          if (name === "integer") random.integer(1000)
          else random[name]()
        }
        const again = makeRandom("another", "stream")
        again.restore(random.state)
        expect(draw(5, () => again.gaussian())).toEqual(draw(5, () => random.gaussian()))
        expect(again.state).toBe(random.state)
      })
    )
  })

  it("refuses what is not a state", () => {
    const random = makeRandom("a", "b")
    expect(() => random.restore("nonsense")).toThrow(RangeError)
    expect(() => random.restore("00000000-00000000-00000000-00000000")).toThrow(RangeError)
  })

  it("draws uniforms and normals with the right moments", () => {
    const random = makeRandom("moments", "test")
    const n = 200_000
    let sum = 0
    let squares = 0
    for (let i = 0; i < n; i++) {
      const x = random.uniform()
      expect(x >= 0 && x < 1).toBe(true)
      sum += x
      squares += x * x
    }
    // Five standard errors: sd of the mean is 0.289/√n, of the mean square 0.298/√n.
    expect(Math.abs(sum / n - 1 / 2)).toBeLessThan((5 * 0.289) / Math.sqrt(n))
    expect(Math.abs(squares / n - 1 / 3)).toBeLessThan((5 * 0.298) / Math.sqrt(n))

    const normals = new Float64Array(n)
    random.fillGaussian(normals)
    const moment = (power: number) => normals.reduce((total, x) => total + x ** power, 0) / n
    // Standard errors of the first four moments of a normal: 1, √2, √15, √96 over √n.
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs(moment(2) - 1)).toBeLessThan((5 * Math.sqrt(2)) / Math.sqrt(n))
    expect(Math.abs(moment(3))).toBeLessThan((5 * Math.sqrt(15)) / Math.sqrt(n))
    expect(Math.abs(moment(4) - 3)).toBeLessThan((5 * Math.sqrt(96)) / Math.sqrt(n))
  })

  it("draws integers without modulo bias", () => {
    const random = makeRandom("integers", "test")
    // With modulo bias, 3·2^30 would make the lower third twice as likely as each of the others.
    const bound = 3 * 2 ** 30
    const counts = [0, 0, 0]
    for (let i = 0; i < 30_000; i++) counts[Math.floor(random.integer(bound) / 2 ** 30)]++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(30_000 * (2 / 9)))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (any) => {
        const x = random.integer(any)
        return Number.isSafeInteger(x) && x >= 0 && x < any
      })
    )
    expect(random.integer(1)).toBe(0)
    for (const wrong of [0, -1, 1.5, Number.NaN, 2 ** 60])
      expect(() => random.integer(wrong)).toThrow(RangeError)
  })

  it("permutes and samples without repeats, every order about equally often", () => {
    const random = makeRandom("orders", "test")
    const seen = new Map<string, number>()
    for (let i = 0; i < 6_000; i++) {
      const key = random.permutation(3).join("")
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
    expect(seen.size).toBe(6)
    for (const count of seen.values()) {
      expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(6000 * (5 / 36)))
    }
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (n, more) => {
        const sample = random.sample(n + more, n)
        return new Set(sample).size === n && sample.every((x) => x < n + more)
      })
    )
    expect(() => random.sample(3, 4)).toThrow(RangeError)
    const letters = ["a", "b", "c", "d"]
    random.shuffle(letters)
    expect([...letters].sort()).toEqual(["a", "b", "c", "d"])
  })
})
