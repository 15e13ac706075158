/**
 * A study with one large view and a dictionary of random weights: `prepare` makes both, `encode` runs `sae/encode` on them and
 * prints its seconds and the peak resident memory of this process, engine and store included. See `encoding.ts`.
 */
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { FileStore } from "../../artifacts/store/FileStore.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { initialise } from "../../compute/sae/initialise.ts"
import { local } from "../../engine/executors/local.ts"
import { Code } from "../../engine/fingerprint/Code.ts"
import * as Pipeline from "../../engine/Pipeline.ts"
import { run } from "../../engine/run/run.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Dictionary } from "../../schemas/Dictionary.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { encodeSae } from "../../stages/sae/encode.ts"

const [step, folder, rows, dims, features, k] = process.argv.slice(2) as [string, string, ...Array<string>]
const blockRows = 1000

const view = Stage.make("bench/view", {
  description: "Gaussian rows, made block by block.",
  source: import.meta.url,
  params: Schema.Struct({ rows: Schema.Int, dims: Schema.Int }),
  inputs: {},
  outputs: { embeddings: Embeddings },
  random: true,
  run: Effect.fn("bench/view")(function* ({ params }) {
    const random = makeRandom((yield* Random).seed, "view")
    const blocks = Stream.map(Stream.range(0, Math.ceil(params.rows / blockRows) - 1), (block) => {
      const count = Math.min(blockRows, params.rows - block * blockRows)
      const data = new Float32Array(count * params.dims)
      random.fillGaussian(data, 1 / Math.sqrt(params.dims))
      return { keys: Array.from({ length: count }, (_, i) => `row ${block * blockRows + i}`), data }
    })
    return { embeddings: { dims: params.dims, precision: "float32" as const, blocks } }
  })
})

const dictionary = Stage.make("bench/dictionary", {
  description: "The weights that training starts from.",
  source: import.meta.url,
  params: Schema.Struct({ dims: Schema.Int, features: Schema.Int, k: Schema.Int }),
  inputs: {},
  outputs: { dictionary: Dictionary },
  random: true,
  run: Effect.fn("bench/dictionary")(function* ({ params }) {
    const random = makeRandom((yield* Random).seed, "dictionary")
    const tensors = initialise(random, new Float64Array(params.dims), params.features)
    return { dictionary: { tensors, metadata: { activation: "topk", k: String(params.k) } } }
  })
})

const pipeline = Pipeline.make("encoding", { description: "Encodes a large view." }, function* (p) {
  const size = { dims: Number(dims), features: Number(features) }
  const { embeddings } = yield* p.stage("view", view, { params: { rows: Number(rows), dims: size.dims } })
  const made = yield* p.stage("dictionary", dictionary, { params: { ...size, k: Number(k) } })
  // In this process, so that the memory that is read is that of the stage.
  const inThisProcess = { ...encodeSae, isolated: false }
  yield* p.stage("codes", inThisProcess, { inputs: { embeddings, dictionary: made.dictionary } })
})

const result = await Effect.runPromise(
  Effect.gen(function* () {
    const graph = yield* pipeline.build(Pipeline.noOverrides)
    const nodes =
      step === "encode" ? graph.nodes : new Map([...graph.nodes].filter(([name]) => name !== "codes"))
    return yield* run(
      {
        graph: { ...graph, nodes },
        seed: "0",
        backend: { backend: "onnx", device: "cpu" },
        numerics: Effect.succeed({})
      },
      { executor: local({ jobs: 1 }), command: ["bench:compute"], versions: {} }
    )
  }).pipe(
    Effect.provide(
      Layer.mergeAll(
        FileStore.layer(join(folder, "store")),
        Code.layer({ cache: join(folder, "cache") }),
        NodeServices.layer
      )
    )
  )
)
if (result.exitCode !== 0) throw new Error(result.failures.map((failure) => failure.message).join("\n"))
const peakMegabytes = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6)
process.stdout.write(`${JSON.stringify({ seconds: result.file.nodes["codes"]?.seconds, peakMegabytes })}\n`)
