/** Counts how often intervals cover, over trials that each draw a new corpus. */
import { selectDense, type DenseRows } from "../../compute/alignment/rows.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { changesBetween, type Change } from "../../compute/statistics/pairedChange.ts"
import { meanOf } from "../../compute/statistics/subsampling.ts"
import { bootstrap, earlierRows, jackknife } from "./earlier.ts"
import { changesOn, drawCorpus, measure, specsOf, type World } from "./world.ts"

/**
 * Which rows the setting after was measured on: the `same`; four fifths of them (`fewer`, a view that lacks some keys);
 * those of a corpus of its own (`others`).
 */
export type RowsAfter = "same" | "fewer" | "others"

export interface Study {
  readonly world: World
  readonly after: RowsAfter
  /** Common rows N, and how many a subsample should have. */
  readonly common: number
  readonly size: number
  readonly subsamples: number
  readonly trials: number
  readonly metrics: ReadonlyArray<string>
  /** How many subsamples more the target of the choice of rows is computed from; 0 leaves it out. */
  readonly target: number
  /** Whether the earlier intervals are counted too. */
  readonly earlier: boolean
}

/** Shares of trials whose interval covers its target; null where it was not counted. */
export interface Counted {
  readonly metric: string
  readonly populations: number | null
  readonly choice: number | null
  /** Mean half width, and 1.96 sd of the change over trials: the half width if that sd were known. */
  readonly width: number
  readonly ideal: number
  /** The bootstrap over overlapping subsamples: of populations, and of the choice of rows. */
  readonly bootstrap: number | null
  readonly bootstrapChoice: number | null
  readonly jackknife: number | null
}

type Ends = readonly [low: number, high: number]

const share = (hits: ReadonlyArray<boolean>): number | null =>
  hits.length === 0 ? null : hits.filter(Boolean).length / hits.length

const within = ([low, high]: Ends, target: number): boolean => low <= target && target <= high

const deviation = (values: ReadonlyArray<number>): number => {
  const centre = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

interface Trial {
  readonly change: Change
  readonly target: number | null
  readonly earlier: {
    readonly mean: number
    readonly bootstrap: Ends
    readonly jackknife: Ends
    readonly target: number | null
  } | null
}

const runTrial = (study: Study, trial: number): ReadonlyArray<Trial> => {
  const { common, size, target, world } = study
  const specs = specsOf(study.metrics)
  const random = makeRandom(`coverage ${world} ${study.after} ${common} ${size}`, String(trial))
  const options = { seed: `trial ${trial}`, size, subsamples: study.subsamples }
  const keys = Array.from({ length: common }, (_, row) => String(row))
  const corpus = drawCorpus(world, common, random)
  const kept = Uint32Array.from(keys.keys()).filter((row) => row % 5 !== 0)
  const part = (view: DenseRows): DenseRows => selectDense(view, kept)
  const [before, same] = measure(
    study.after === "same" ? [corpus.before, corpus.after] : [corpus.before],
    keys,
    specs,
    options
  )
  const [after] =
    same !== undefined
      ? [same]
      : study.after === "others"
        ? measure([drawCorpus(world, common, random).after], keys, specs, options)
        : measure(
            [[part(corpus.after[0]), part(corpus.after[1])]],
            [...kept].map((row) => keys[row]!),
            specs,
            options
          )
  const draw = (count: number, rows: number): ReadonlyArray<ReadonlyArray<number>> =>
    Array.from({ length: count }, () => changesOn(corpus, specs, random.sample(common, rows).sort()))
  const means = (draws: ReadonlyArray<ReadonlyArray<number>>, m: number): number | null =>
    draws.length === 0 ? null : meanOf(draws.map((values) => values[m]!))
  const drawn = before![0]!.draws.rows!
  const overlap = earlierRows(common, size)
  // The target by pairs without a common row, whose mean varies less: the same expectation.
  const targets = Array.from({ length: target / 2 }, () => random.permutation(common)).flatMap((order) => [
    changesOn(corpus, specs, order.slice(0, drawn).sort()),
    changesOn(corpus, specs, order.slice(drawn, 2 * drawn).sort())
  ])
  const overlapping = study.earlier ? draw(study.subsamples, overlap) : []
  const overlappingTargets = study.earlier ? draw(target, overlap) : []
  return specs.map((_, m) => {
    const values = overlapping.map((draws) => draws[m]!)
    return {
      change: changesBetween(before![m]!, after![m]!, 0.95)[0]!,
      target: means(targets, m),
      earlier:
        values.length === 0
          ? null
          : {
              mean: meanOf(values),
              bootstrap: bootstrap(values, random),
              jackknife: jackknife(values, overlap, common),
              target: means(overlappingTargets, m)
            }
    }
  })
}

/** Runs the trials of a study. The true change is 0 in the world `none`, elsewhere the mean over trials. */
export const count = (study: Study): ReadonlyArray<Counted> => {
  const trials = Array.from({ length: study.trials }, (_, trial) => runTrial(study, trial))
  return study.metrics.map((metric, m) => {
    const own = trials.map((trial) => trial[m]!)
    const changes = own.map(({ change }) => change)
    const earlier = own.flatMap((trial) => trial.earlier ?? [])
    const truth = (values: ReadonlyArray<number>): number => (study.world === "none" ? 0 : meanOf(values))
    const target = truth(changes.map(({ change }) => change))
    const earlierTarget = truth(earlier.map(({ mean }) => mean))
    const intervals = changes.flatMap(({ populations }) => populations ?? [])
    return {
      metric,
      populations: share(intervals.map(({ high, low }) => within([low, high], target))),
      choice: share(
        own.flatMap(({ change, target: wanted }) =>
          wanted === null || change.choice === null
            ? []
            : [within([change.choice.low, change.choice.high], wanted)]
        )
      ),
      width: meanOf(intervals.map(({ high, low }) => (high - low) / 2)),
      ideal: 1.96 * deviation(changes.map(({ change }) => change)),
      bootstrap: share(earlier.map((trial) => within(trial.bootstrap, earlierTarget))),
      bootstrapChoice: share(
        earlier.flatMap(({ bootstrap: ends, target: wanted }) =>
          wanted === null ? [] : [within(ends, wanted)]
        )
      ),
      jackknife: share(earlier.map((trial) => within(trial.jackknife, earlierTarget)))
    }
  })
}
