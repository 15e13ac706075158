/**
 * LIMIT's relevance (Weller et al., arXiv 2508.21038): the least dimension found that ranks every query right, and the margin by
 * dimension beside its proved bound; and the critical number of documents by dimension, as they search for it.
 *
 * Without data: 1,000 distinct random pairs of 46 documents, the law of LIMIT-small. With the real thing:
 * `--set limit.folder=/path/to/limit-small` (corpus.jsonl, queries.jsonl, qrels.jsonl; `--set limit.sha256=...` pins them).
 * The full set takes the same, with `--set limit.steps=0`: documents nobody asks for count as one.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Pipeline from "../engine/Pipeline.ts"
import type { Embeddings } from "../schemas/Embeddings.ts"
import type { MarginScores } from "../schemas/MarginScores.ts"
import { curves } from "../stages/figures/curves.ts"
import { bound } from "../stages/retrieval/bound.ts"
import { collect } from "../stages/retrieval/collect.ts"
import { fileRelevance } from "../stages/retrieval/file.ts"
import { measure } from "../stages/retrieval/measure.ts"
import { randomRelevance } from "../stages/retrieval/random.ts"
import { robustness } from "../stages/retrieval/robustness.ts"
import { sigmoid } from "../stages/retrieval/sigmoid.ts"
import { solve } from "../stages/retrieval/solve.ts"
import { criticalDocuments } from "./limit/criticalDocuments.ts"
import { marginCurves } from "./retrieval/marginCurves.ts"

/** What `limit.folder` puts in place of the random matrix. */
export const alternatives = { fileRelevance }

const whole = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))
const text = Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))

export default Pipeline.make(
  "limit",
  {
    description: "LIMIT: the least dimension found that ranks every query right, margins and proved bounds.",
    params: Schema.Struct({
      folder: text,
      sha256: text,
      dims: Schema.Array(whole).pipe(
        Schema.withDecodingDefaultKey(Effect.succeed([2, 3, 4, 5, 6, 8, 10, 15, 20, 30]))
      ),
      /** The sigmoid loss beside the solver. */
      trainedDims: whole.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
      /** The published recipe's. 0 leaves it out: on the full set its scores are 1,000 × 50,000 a step. */
      steps: Schema.Int.pipe(
        Schema.check(Schema.isGreaterThanOrEqualTo(0)),
        Schema.withDecodingDefaultKey(Effect.succeed(100_000))
      ),
      /** Dimensions whose critical n is searched; none with `[]`. */
      critical: Schema.Array(whole).pipe(Schema.withDecodingDefaultKey(Effect.succeed([4, 5])))
    })
  },
  function* (p, { critical, dims, folder, sha256, steps, trainedDims }) {
    const graph =
      folder === ""
        ? yield* p.stage("relevance", randomRelevance, {})
        : yield* p.stage("relevance", fileRelevance, { params: { file: folder, sha256 } })
    const { bounds, documents: optimum } = yield* p.stage("bounds", bound, { inputs: graph })
    const margins: { [name: string]: Pipeline.Handle<typeof MarginScores> } = {}
    let last:
      | { queries: Pipeline.Handle<typeof Embeddings>; documents: Pipeline.Handle<typeof Embeddings> }
      | undefined
    for (const d of [...new Set(dims)].sort((x, y) => x - y)) {
      const warm: {
        warmQueries?: Pipeline.Handle<typeof Embeddings>
        warmDocuments?: Pipeline.Handle<typeof Embeddings>
      } = last === undefined ? {} : { warmQueries: last.queries, warmDocuments: last.documents }
      // What ranks every query right is a threshold of its own for each: the row margin.
      const solved = yield* p.stage(`solver/d${d}`, solve, {
        params: { dims: d, threshold: "row" },
        inputs: { ...graph, bounds, optimum, ...warm }
      })
      margins[`solver/d${d}`] = solved.margins
      last = { queries: solved.queries, documents: solved.documents }
      yield* p.stage(`quality/d${d}`, measure, {
        params: { method: "solver (row)", cutoffs: [1, 2, 10] },
        inputs: { ...graph, bounds, ...last }
      })
    }
    if (steps > 0) {
      const trained = yield* p.stage("sigmoid", sigmoid, {
        params: { dims: trainedDims, steps, trainBias: true },
        inputs: { ...graph, bounds }
      })
      margins.sigmoid = trained.margins
      yield* p.stage("sigmoid-quality", measure, {
        params: { method: "sigmoid", cutoffs: [1, 2, 10] },
        inputs: { ...graph, bounds, queries: trained.queries, documents: trained.documents }
      })
    }
    const all = yield* p.stage("margins", collect, { params: { threshold: "row" }, inputs: { margins } })
    yield* marginCurves(
      p,
      "margin-by-dimension",
      {
        title: "LIMIT: margin against dimension",
        caption: "Half gap with one threshold a query, beside the proved bound.",
        x: { name: "dimension d" }
      },
      all.byDims
    )
    if (last !== undefined) {
      const { noise } = yield* p.stage("robustness", robustness, { inputs: { ...graph, ...last } })
      yield* p.stage("margin-under-noise", curves, {
        params: {
          title: "What a margin is good for",
          caption:
            "Noise of expected length σ on every vector of the solver's highest dimension: the share of queries still ranked right, and the margin left under one threshold.",
          x: { name: "noise σ" },
          y: { name: "share, margin" },
          marks: "both",
          references: [{ axis: "y", value: 0, label: "no margin" }]
        },
        inputs: { series: noise }
      })
    }
    if (critical.length === 0) return
    const { series } = yield* criticalDocuments(p, critical)
    yield* p.stage("critical-by-dimension", curves, {
      params: {
        title: "Critical number of documents",
        caption:
          "The largest n up to which InfoNCE at T = 0.1 ranks every query of the complete graph right, beside the published fit. A limit of the loss and the optimiser: the solver goes further in the same dimension.",
        x: { name: "dimension d", integer: true },
        y: { name: "documents n" },
        marks: "both",
        muted: ["published fit", "published fit, another recipe"]
      },
      inputs: { series }
    })
  }
)
