/**
 * The intervals cover what they say: bench/coverage, reduced and seeded. The full table, with other worlds, sizes and metrics,
 * is docs/results/intervals.md.
 */
import { describe, expect, it } from "vitest"
import { count } from "../../../bench/coverage/count.ts"

describe("intervals of 95 %", () => {
  // N/n of the synthetic study (2,000 and 1,000) and of the words study (4,437 and 1,000).
  for (const [common, size] of [
    [160, 80],
    [355, 80]
  ] as const)
    it(
      `hold a difference of 0 between populations in 93 to 97 %, ${size} of ${common} rows`,
      { timeout: 120_000 },
      () => {
        const counted = count({
          world: "none",
          after: "same",
          common,
          size,
          subsamples: 10,
          trials: 200,
          metrics: ["mutual_knn", "unbiased_cka"],
          target: 0,
          earlier: false
        })
        for (const { metric, populations } of counted) {
          expect(populations, metric).toBeGreaterThanOrEqual(0.93)
          expect(populations, metric).toBeLessThanOrEqual(0.97)
        }
      }
    )
})
