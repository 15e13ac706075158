/**
 * Means over seeds of every measure and of the last record of every training curve, with the published value beside
 * them where there is one: the table that a reproduction is judged by.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { ConstellationCurves } from "../../schemas/ConstellationCurves.ts"
import { ConstellationMeasures } from "../../schemas/ConstellationMeasures.ts"
import { ConstellationSummary } from "../../schemas/ConstellationSummary.ts"
import { readBatch } from "./batch.ts"
import { moments } from "./moments.ts"
import { differences, Recipe } from "./recipe.ts"

/** A published number. A name ending in `@<step>` is a training curve's value at that step. */
export const Reference = Schema.Struct({
  point: Schema.String,
  measure: Schema.String,
  value: Schema.Finite,
  source: Schema.String,
  /** False where it was made by another recipe than `recipe`: shown, and not counted as a reproduction. */
  comparable: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true)))
})
/** A reference as a pipeline writes it. */
export type Reference = typeof Reference.Encoded

const curveMeasures = [
  "loss",
  "inverseTemperature",
  "bias",
  "relativeBias",
  "adapterScale",
  "margin",
  "xi"
] as const

export const summary = Stage.make("constellation/summary", {
  description: "Means and deviations over seeds beside the published numbers.",
  source: import.meta.url,
  params: Schema.Struct({
    experiment: Schema.String,
    references: Schema.Array(Reference).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
    /** How the published numbers were made. Compared with how `constellation` was: only equals are comparable. */
    recipe: Schema.NullOr(Recipe).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
    /** Pairs of modalities that the published measures are of. */
    edges: Schema.NullOr(Schema.Int).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))
  }),
  inputs: {
    measures: ConstellationMeasures,
    curves: Stage.optional(ConstellationCurves),
    constellation: Stage.optional(Constellation)
  },
  outputs: { summary: ConstellationSummary },
  run: Effect.fn("constellation/summary")(function* ({ inputs, params }) {
    const values = new Map<string, Map<string, Array<number>>>()
    const add = (point: string, measure: string, value: number | null): void => {
      if (value === null) return
      const measures = values.get(point) ?? new Map<string, Array<number>>()
      values.set(point, measures)
      measures.set(measure, [...(measures.get(measure) ?? []), value])
    }
    for (const row of (yield* inputs.measures.read).rows) {
      if (row.edge === "all") add(row.point, row.measure, row.value)
    }
    if (inputs.curves !== undefined) {
      const { rows } = yield* inputs.curves.read
      const last = rows.reduce((most, row) => Math.max(most, row.step), 0)
      const wanted = new Set(params.references.map(({ measure }) => measure))
      for (const row of rows) {
        for (const measure of curveMeasures) {
          const at = `${measure}@${row.step}`
          if (wanted.has(at)) add(row.point, at, row[measure])
          // b_rel trained is not b*, the best threshold; margin and ξ at the end are in the measures already.
          if (row.step !== last || measure === "margin" || measure === "xi") continue
          add(row.point, measure === "relativeBias" ? "trainedRelativeBias" : measure, row[measure])
        }
      }
    }
    const made =
      inputs.constellation === undefined ? undefined : (yield* readBatch(inputs.constellation)).recipe
    /** What of the recipe differs from the published one. */
    const differs = (point: string, measure: string): string | null => {
      if (params.recipe === null) return "the published recipe is not given"
      const measured = values.get(point)?.get("edges")?.at(-1)
      const graph =
        params.edges === null || measured === params.edges
          ? undefined
          : `edges measured ${measured ?? "unknown"}, published ${params.edges}`
      const all = [differences(params.recipe, made, point, measure), graph]
      return all.filter((part) => part !== undefined).join("; ") || null
    }
    const summary = [...values].flatMap(([point, measures]) =>
      [...measures].map(([measure, samples]) => {
        const reference = params.references.find(
          (known) => known.point === point && known.measure === measure
        )
        const otherwise = reference === undefined ? null : differs(point, measure)
        return {
          experiment: params.experiment,
          point,
          measure,
          ...moments(samples),
          reference: reference?.value ?? null,
          source: reference?.source ?? null,
          comparable: (reference?.comparable ?? true) && otherwise === null,
          differs: otherwise
        }
      })
    )
    return { summary }
  })
})

export default summary
