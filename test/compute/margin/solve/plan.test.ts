import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { armsOf, roundOf, stepsOf } from "../../../../compute/margin/solve/plan.ts"

const sizes = fc.integer({ min: 8, max: 2e8 })
const rounds = fc.integer({ min: 0, max: 8 })
const total = (plan: ReturnType<typeof roundOf>): number =>
  plan.reduce((sum, { iterations }) => sum + iterations, 0)

describe("a round of the search", () => {
  it("costs twice the round before", () => {
    fc.assert(
      fc.property(sizes, rounds, (size, round) => {
        expect(stepsOf(size, round + 1)).toBe(2 * stepsOf(size, round))
      })
    )
  })

  it("takes no more steps than it may, and at least one annealing", () => {
    fc.assert(
      fc.property(sizes, rounds, (size, round) => {
        const plan = roundOf(size, round, armsOf("global", true), [])
        expect(plan.length).toBeGreaterThan(0)
        expect(total(plan)).toBeLessThanOrEqual(Math.max(stepsOf(size, round), plan[0].iterations))
      })
    )
  })

  it("keeps every thread at work where there is time for less than one annealing each", () => {
    const plan = roundOf(4e5, 0, armsOf("global", true), [], 0.05, 4)
    expect(plan.length).toBe(4)
    expect(total(plan)).toBeLessThanOrEqual(0.05 * stepsOf(4e5, 0))
  })

  it("has its longest annealings first, so that threads end together", () => {
    const lengths = roundOf(2e3, 5, armsOf("zero", false), []).map(({ iterations }) => iterations)
    expect(lengths).toEqual([...lengths].sort((x, y) => y - x))
    expect(new Set(lengths).size).toBe(2)
  })

  it("tries all arms at first; later a third leaves from the best pair and a third takes the two best arms", () => {
    const arms = armsOf("zero", false)
    const first = roundOf(500, 1, arms, [])
    expect(new Set(first.map(({ arm }) => arm)).size).toBe(Math.min(first.length, arms.length))
    const ranked = [arms[3], arms[1], arms[0]]
    const later = roundOf(500, 6, arms, ranked)
    const moved = later.filter(({ arm }) => arm.start === "best moved").length
    expect(moved / later.length).toBeCloseTo(1 / 3, 1)
    expect(later.filter(({ arm }) => arm === ranked[0] || arm === ranked[1]).length).toBeGreaterThanOrEqual(
      Math.floor(later.length / 3)
    )
  })
})
