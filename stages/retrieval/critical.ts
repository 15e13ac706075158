/**
 * The critical number of documents by dimension (Weller et al., arXiv 2508.21038, section on free embeddings): the
 * largest n up to which training ranked every query of a complete graph right, beside their fitted polynomial.
 * It measures a loss and an optimiser, not what the dimension allows: the polynomial stands beside trainings by the
 * published recipe on complete graphs, and is named another recipe's beside others.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { MarginScores } from "../../schemas/MarginScores.ts"
import { Series } from "../../schemas/Series.ts"

/** The cubic they fit to their critical n, k = 2. */
export const publishedCriticalDocuments = (d: number): number =>
  -10.5322 + 4.0309 * d + 0.052 * d ** 2 + 0.0037 * d ** 3

export const critical = Stage.make("retrieval/critical", {
  description: "The largest number of documents up to which every query was ranked right, by dimension.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Parameters of the trainings that the published fit is of; a dimension with another is not comparable. */
    recipe: Schema.Record(Schema.String, Schema.Json).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))
  }),
  inputs: { margins: Stage.each(MarginScores) },
  outputs: { series: Series },
  run: Effect.fn("retrieval/critical")(function* ({ inputs, params }) {
    const others = new Set<number>()
    const right = new Map<number, Map<number, boolean>>()
    for (const { artifact } of inputs.margins) {
      for (const { dims, documents, rankedRight, recipe, rows } of (yield* artifact.read).rows) {
        const complete = rows === (documents * (documents - 1)) / 2
        if (!complete || !sameRecipe(params.recipe, recipe)) others.add(dims)
        const ofDims = right.get(dims) ?? new Map<number, boolean>()
        right.set(dims, ofDims.set(documents, rankedRight === 1 && (ofDims.get(documents) ?? true)))
      }
    }
    const point = (series: string, x: number, y: number | null) => ({ series, x, y, low: null, high: null })
    const dims = [...right.keys()].sort((x, y) => x - y)
    return {
      series: [
        ...dims.map((d) => point("critical n", d, largestSolved(right.get(d)!))),
        ...dims.map((d) =>
          point(
            others.has(d) ? "published fit, another recipe" : "published fit",
            d,
            publishedCriticalDocuments(d)
          )
        )
      ]
    }
  })
})

/** Whether every parameter of the published recipe was that of the training. */
const sameRecipe = (published: { readonly [param: string]: unknown }, made: string | null): boolean => {
  const given = made === null ? {} : (JSON.parse(made) as { readonly [param: string]: unknown })
  return Object.entries(published).every(
    ([name, value]) => JSON.stringify(given[name]) === JSON.stringify(value)
  )
}

/** The largest n that was solved with every smaller n that was tried; null where the smallest was not. */
const largestSolved = (right: ReadonlyMap<number, boolean>): number | null => {
  let largest: number | null = null
  for (const n of [...right.keys()].sort((x, y) => x - y)) {
    if (right.get(n) !== true) break
    largest = n
  }
  return largest
}

export default critical
