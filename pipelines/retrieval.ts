/**
 * Is dimensionality a barrier for retrieval? (arXiv 2605.23556, section on experiments.) Complete graphs S_{n,k} on a grid of
 * n and d: free embeddings trained with the sigmoid and the InfoNCE loss, the direct solver, and proved bounds beside them.
 *
 * Every cell is a node of its own, so a wider grid computes only what is new. The published recipe takes 100,000 steps a
 * cell: `--set retrieval.steps=100000`, `--set retrieval.documents=[20,40,60]`, `--set retrieval.dims=[5,10,15]`,
 * `--set retrieval.seeds=3`. InfoNCE is made for one threshold a query: its row margin is in the table beside the others.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Pipeline from "../engine/Pipeline.ts"
import type { Embeddings } from "../schemas/Embeddings.ts"
import type { MarginScores } from "../schemas/MarginScores.ts"
import { curves } from "../stages/figures/curves.ts"
import { bound } from "../stages/retrieval/bound.ts"
import { collect } from "../stages/retrieval/collect.ts"
import { completeRelevance } from "../stages/retrieval/complete.ts"
import { construct } from "../stages/retrieval/construct.ts"
import { infonce } from "../stages/retrieval/infonce.ts"
import { sigmoid } from "../stages/retrieval/sigmoid.ts"
import { solve } from "../stages/retrieval/solve.ts"
import { marginCurves } from "./retrieval/marginCurves.ts"

/** Offered for swapping: embeddings by formula in place of the solver's, `--swap solver/n20-d5=margin/construct`. */
export const alternatives = { construct }

const whole = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

export default Pipeline.make(
  "retrieval",
  {
    description: "Margins of complete graphs by dimension: two losses, the direct solver and proved bounds.",
    params: Schema.Struct({
      documents: Schema.Array(whole).pipe(Schema.withDecodingDefaultKey(Effect.succeed([10, 20, 40]))),
      dims: Schema.Array(whole).pipe(Schema.withDecodingDefaultKey(Effect.succeed([4, 5, 6, 10, 15, 20]))),
      k: whole.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))),
      steps: whole.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10_000))),
      seeds: whole.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1)))
    })
  },
  function* (p, { dims, documents, k, seeds, steps }) {
    const margins: { [name: string]: Pipeline.Handle<typeof MarginScores> } = {}
    for (const n of documents) {
      const graph = yield* p.stage(`graphs/n${n}`, completeRelevance, { params: { documents: n, k } })
      const { bounds, documents: optimum } = yield* p.stage(`bounds/n${n}`, bound, { inputs: graph })
      let warm:
        | {
            readonly warmQueries: Pipeline.Handle<typeof Embeddings>
            readonly warmDocuments: Pipeline.Handle<typeof Embeddings>
          }
        | undefined
      for (const d of [...new Set(dims)].sort((x, y) => x - y)) {
        const solved = yield* p.stage(`solver/n${n}-d${d}`, solve, {
          params: { dims: d },
          inputs: { ...graph, bounds, optimum, ...warm }
        })
        warm = { warmQueries: solved.queries, warmDocuments: solved.documents }
        margins[`solver/n${n}-d${d}`] = solved.margins
        for (let seed = 0; seed < seeds; seed++) {
          for (const [name, stage] of [
            ["sigmoid", sigmoid],
            ["infonce", infonce]
          ] as const) {
            const trained = yield* p.stage(`${name}/n${n}-d${d}-${seed}`, stage, {
              params: { dims: d, steps, evaluateEvery: Math.max(1, Math.min(1000, Math.floor(steps / 10))) },
              inputs: { ...graph, bounds }
            })
            margins[`${name}/n${n}-d${d}-${seed}`] = trained.margins
          }
        }
      }
    }
    const all = yield* p.stage("margins", collect, { inputs: { margins } })
    yield* marginCurves(
      p,
      "margin-by-documents",
      {
        title: "Margin against the number of documents",
        caption: "Half gap under one global threshold, complete graphs, one panel a dimension.",
        x: { name: "documents n", log: true }
      },
      all.byDocuments
    )
    yield* marginCurves(
      p,
      "margin-by-dimension",
      {
        title: "Margin against dimension",
        caption:
          "Half gap under one global threshold beside the proved bound, one panel a number of documents.",
        x: { name: "dimension d" }
      },
      all.byDims
    )
    yield* p.stage("least-dimension", curves, {
      params: {
        title: "Least dimension that works",
        caption:
          "The smallest dimension of the grid with a positive global margin, and with every query ranked right, by method.",
        x: { name: "documents n", log: true },
        y: { name: "dimension d", integer: true },
        marks: "both",
        panels: true
      },
      inputs: { series: all.leastDims }
    })
  }
)
