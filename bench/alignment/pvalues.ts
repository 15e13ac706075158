/**
 * Are the permutation nulls of `asterism align` uniform where there is nothing to find? Pairs of unrelated views of nine
 * kinds (unrelated.ts), raw and centred, are aligned; for each metric the script prints how often p ≤ .05, the one-sided
 * Kolmogorov–Smirnov distance D+ = max (F(p) − p) with the chance of one as large under uniform p, the mean value and the
 * mean chance level. p from permutations is a multiple of 1 / (1 + permutations), and permutations that tie with the value
 * count against it, so a valid p may lie above the diagonal but not below: D+ is the distance that matters.
 *
 * `npm run bench:pvalues [-- --trials 500 --permutations 99 --kind one-hot --rows 60 --dims 6 --precision float32 --raw
 * --json]`; without --kind all kinds, without --raw both raw and centred.
 */
import * as Effect from "effect/Effect"
import { alignMatrices } from "../../compute/alignment/alignMatrices.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { unrelatedKinds, unrelatedView, usualShape } from "./unrelated.ts"
import type { Shape, UnrelatedKind } from "./unrelated.ts"

const given = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}
const trials = Number(given("trials") ?? 500)
const permutations = Number(given("permutations") ?? 99)
const kinds = given("kind") === undefined ? unrelatedKinds : [given("kind") as UnrelatedKind]
const shapeOf = (kind: UnrelatedKind): Shape => ({
  rows: Number(given("rows") ?? usualShape[kind].rows),
  dims: Number(given("dims") ?? usualShape[kind].dims)
})
const single = given("precision") === "float32"

interface Trial {
  readonly p: number | null
  readonly value: number | null
  readonly chance: number | null
}

const align = async (kind: UnrelatedKind, centre: boolean, trial: number) => {
  const shape = shapeOf(kind)
  const view = (name: string) => {
    const data = unrelatedView(kind, shape, makeRandom(`${kind} ${trial}`, name))
    return {
      name,
      keys: Array.from({ length: shape.rows }, (_, i) => String(i)),
      keyed: false,
      dims: shape.dims,
      data: single ? Float32Array.from(data) : data
    }
  }
  const aligned = await Effect.runPromise(
    alignMatrices(view("a"), view("b"), {
      metrics: ["all", "cknna_biased"],
      k: Math.min(10, Math.floor(shape.rows / 4)),
      q: Math.min(10, shape.dims),
      permutations,
      seed: `trial ${trial}`,
      centre
    })
  )
  return aligned.metrics.map(
    (metric) =>
      [
        metric.name,
        { p: metric.null?.p ?? null, value: metric.value, chance: metric.chance } satisfies Trial
      ] as const
  )
}

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** max (F(x) − x) over the p-values, and Smirnov's exp(−2 n D²), the chance of one as large. */
const distance = (p: ReadonlyArray<number>): { readonly d: number; readonly tail: number } => {
  const sorted = [...p].sort((a, b) => a - b)
  const d = sorted.reduce((most, x, i) => Math.max(most, (i + 1) / sorted.length - x), 0)
  return { d, tail: Math.exp(-2 * sorted.length * d * d) }
}

const settings = process.argv.includes("--raw") ? [false] : [false, true]
if (!process.argv.includes("--json")) {
  console.log(`${trials} trials of ${permutations} permutations`)
  console.log(
    "| input | rows × dims | setting | metric | P(p ≤ .05) | D+ | its p | mean value | mean chance | without a p |"
  )
  console.log("|---|---|---|---|---|---|---|---|---|---|")
}
for (const kind of kinds) {
  for (const centre of settings) {
    const byMetric = new Map<string, Array<Trial>>()
    for (let trial = 0; trial < trials; trial++) {
      for (const [name, found] of await align(kind, centre, trial)) {
        byMetric.set(name, [...(byMetric.get(name) ?? []), found])
      }
    }
    for (const [metric, found] of byMetric) {
      const p = found.flatMap((trial) => (trial.p === null ? [] : [trial.p]))
      const values = found.flatMap((trial) => (trial.value === null ? [] : [trial.value]))
      const chance = found.flatMap((trial) => (trial.chance === null ? [] : [trial.chance]))
      const { d, tail } = distance(p)
      const { rows, dims } = shapeOf(kind)
      const row = {
        kind,
        rows,
        dims,
        setting: centre ? "centred" : "raw",
        metric,
        small: p.filter((x) => x <= 0.05 + 1e-12).length / p.length,
        distance: d,
        tail,
        value: mean(values),
        chance: chance.length === 0 ? null : mean(chance),
        trials,
        withoutP: found.length - p.length
      }
      if (process.argv.includes("--json")) console.log(JSON.stringify(row))
      else {
        console.log(
          `| ${kind} | ${rows} × ${dims} | ${row.setting} | ${metric} | ${row.small.toFixed(3)} | ${d.toFixed(3)} | ` +
            `${tail.toPrecision(2)} | ${row.value.toFixed(4)} | ${row.chance?.toFixed(4) ?? "–"} | ${row.withoutP} |`
        )
      }
    }
  }
}
