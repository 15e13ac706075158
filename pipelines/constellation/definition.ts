/**
 * What every experiment on constellations consists of, defined once: initialise → train → measure → summary, with the
 * figures that belong to it. An experiment has one part for each shape of problem; points of a part train as one batch.
 */
import * as Effect from "effect/Effect"
import type { Builder, Handle } from "../../engine/Pipeline.ts"
import type { InputError } from "../../schemas/errors.ts"
import type { ConstellationMeasures } from "../../schemas/ConstellationMeasures.ts"
import type { ConstellationSummary } from "../../schemas/ConstellationSummary.ts"
import type { ParamsOf } from "../../engine/Stage.ts"
import { curvesFigure } from "../../stages/constellation/figures/curves.ts"
import { histogramFigure } from "../../stages/constellation/figures/histogram.ts"
import { regionFigure } from "../../stages/constellation/figures/region.ts"
import { spaceFigure } from "../../stages/constellation/figures/space.ts"
import { initialise } from "../../stages/constellation/initialise.ts"
import { measure } from "../../stages/constellation/measure.ts"
import { summary, type Reference } from "../../stages/constellation/summary.ts"
import { train } from "../../stages/constellation/train.ts"
import { publishedRecipe } from "./recipe.ts"

/** A batch of runs of one shape. */
export interface Part {
  /** Letters and digits; names the part's nodes. */
  readonly name: string
  readonly start?: Omit<ParamsOf<typeof initialise>, "seeds">
  readonly train: ParamsOf<typeof train>
  readonly references?: ReadonlyArray<Reference>
  /** Seeds at least, where results are skewed and five are too few to say how. */
  readonly leastSeeds?: number
  /** Whether hyperplanes and probes are measured (default), which many modalities make slow. */
  readonly separation?: boolean
  readonly figures?: {
    readonly curves?: ReadonlyArray<ParamsOf<typeof curvesFigure>["measure"]>
    readonly histogram?: boolean
    /** Three dimensions only. */
    readonly space?: boolean
  }
}

export interface Experiment {
  readonly name: string
  readonly title: string
  readonly parts: ReadonlyArray<Part>
  /** Whether the experiment's runs are shown in the feasible region. */
  readonly region?: boolean
}

/** The handles that a study over several experiments puts together. */
export interface Built {
  readonly summaries: { readonly [name: string]: Handle<typeof ConstellationSummary> }
  readonly measures: { readonly [name: string]: Handle<typeof ConstellationMeasures> }
}

/** Adds an experiment's nodes, named `<experiment>/<part>/<step>`. */
export const addExperiment = Effect.fnUntraced(function* (
  p: Builder,
  experiment: Experiment,
  seeds: number
): Effect.fn.Return<Built, InputError> {
  const summaries: { [name: string]: Handle<typeof ConstellationSummary> } = {}
  const measures: { [name: string]: Handle<typeof ConstellationMeasures> } = {}
  for (const part of experiment.parts) {
    const name = `${experiment.name}/${part.name}`
    const title = experiment.parts.length === 1 ? experiment.title : `${experiment.title}: ${part.name}`
    const initial = yield* p.stage(`${name}/initial`, initialise, {
      params: { ...part.start, seeds: Math.max(seeds, part.leastSeeds ?? 0) }
    })
    const trained = yield* p.stage(`${name}/train`, train, {
      params: part.train,
      inputs: { initial: initial.constellation }
    })
    const measured = yield* p.stage(`${name}/measure`, measure, {
      params: {
        ...(part.train.graph ? { graph: part.train.graph } : {}),
        separation: part.separation ?? true
      },
      inputs: { constellation: trained.constellation }
    })
    const summarised = yield* p.stage(`${name}/summary`, summary, {
      params: {
        experiment: name,
        references: part.references ?? [],
        ...(part.references === undefined ? {} : publishedRecipe(part))
      },
      inputs: {
        measures: measured.measures,
        curves: trained.curves,
        constellation: trained.constellation
      }
    })
    for (const of of part.figures?.curves ?? []) {
      yield* p.stage(`${name}/figure-${of}`, curvesFigure, {
        params: { title, measure: of },
        inputs: { curves: trained.curves }
      })
    }
    if (part.figures?.histogram === true) {
      yield* p.stage(`${name}/figure-histogram`, histogramFigure, {
        params: { title },
        inputs: { histogram: measured.histogram }
      })
    }
    if (part.figures?.space === true) {
      yield* p.stage(`${name}/figure-space`, spaceFigure, {
        params: { title },
        inputs: { constellation: trained.constellation }
      })
    }
    summaries[name] = summarised.summary
    measures[name] = measured.measures
  }
  if (experiment.region === true) {
    yield* p.stage(`${experiment.name}/figure-region`, regionFigure, {
      params: { title: `${experiment.title}: the feasible region` },
      inputs: { measures }
    })
  }
  return { summaries, measures }
})
