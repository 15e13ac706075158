/**
 * How often the intervals of `diff` and of figures/paired-change cover what they say, in corpora whose population is known
 * (world.ts), before and after they were changed. Writes docs/results/intervals.md.
 *
 * `npm run bench:coverage [-- --quick] [-- --print]`; `--quick` runs a tenth of the trials and prints, `--print` prints the
 * page instead of writing it. About 8 minutes on one core that is not shared.
 */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { allMetrics } from "../../compute/alignment/metrics.ts"
import { dateAndCommit, processor } from "../provenance.ts"
import { count, type Study } from "./count.ts"
import { page, type Measured } from "./page.ts"

const quick = process.argv.includes("--quick")
const trials = (full: number): number => (quick ? Math.ceil(full / 10) : full)
const two = ["mutual_knn", "unbiased_cka"]

const study = (common: number, size: number, rest: Partial<Study>): Study => ({
  world: "none",
  after: "same",
  common,
  size,
  subsamples: 10,
  trials: trials(300),
  metrics: two,
  target: 0,
  earlier: false,
  ...rest
})

const studies: ReadonlyArray<Study> = [
  ...[150, 240, 600, 2400].map((common) => study(common, 120, { earlier: true })),
  ...[150, 240, 532].map((common) => study(common, 120, { earlier: true, target: 60, trials: trials(120) })),
  ...(["noise", "centring"] as const).flatMap((world) =>
    [150, 240, 532].map((common) => study(common, 120, { world }))
  ),
  study(532, 120, { metrics: allMetrics, trials: trials(150) }),
  study(240, 120, { metrics: allMetrics, trials: trials(150), world: "centring" }),
  ...(["fewer", "others"] as const).map((after) => study(532, 120, { after })),
  ...[2, 4, 5, 20].map((subsamples) => study(532, 120, { subsamples, trials: trials(200) })),
  study(4437, 1000, { trials: trials(80) }),
  study(2000, 1000, { trials: trials(80) })
]

const measured: Array<Measured> = []
const started = performance.now()
for (const one of studies) {
  const from = performance.now()
  measured.push({ study: one, counted: count(one) })
  console.error(
    `${one.world}, ${one.after} rows, N ${one.common}, n ${one.size}: ${((performance.now() - from) / 1000).toFixed(1)} s`
  )
}
const made = `Written ${dateAndCommit()} by \`npm run bench:coverage\` in ${Math.round((performance.now() - started) / 1000)} s (${processor()}).`
const text = page(measured, made)
if (quick || process.argv.includes("--print")) console.log(text)
else writeFileSync(fileURLToPath(new URL("../../docs/results/intervals.md", import.meta.url)), text)
