/**
 * The intervals cover what they say: bench/coverage, reduced and seeded. The full table, with other worlds, sizes and metrics,
 * is docs/results/intervals.md.
 */
import { describe, expect, it } from "vitest"
import { count } from "../../../bench/coverage/count.ts"

describe("intervals of 95 %", () => {
  it("hold a difference of 0 between populations in 93 to 97 % of trials", { timeout: 120_000 }, () => {
    // N/n of the synthetic study (2,000 and 1,000) and of the words study (4,437 and 1,000).
    const counted = [240, 532].flatMap((common) =>
      count({
        world: "none",
        after: "same",
        common,
        size: 120,
        subsamples: 10,
        trials: 100,
        metrics: ["mutual_knn", "unbiased_cka"],
        target: 0,
        earlier: false
      })
    )
    // Together 400 intervals, those of one corpus not independent: a standard error of about 1.3 points.
    const together = counted.reduce((sum, { populations }) => sum + populations! / counted.length, 0)
    expect(together).toBeGreaterThanOrEqual(0.93)
    expect(together).toBeLessThanOrEqual(0.97)
    for (const { metric, populations } of counted) expect(populations, metric).toBeGreaterThan(0.9)
  })
})
