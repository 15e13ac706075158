/** A batch of constellations in memory: what the stages of this folder pass on as the kind `Constellation`. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { InputError, type ArtifactError } from "../../schemas/errors.ts"
import type { TensorsReader, TensorsValue } from "../../schemas/Kind.ts"
import { Recipe } from "./recipe.ts"

/** The settings a run was made with and the number of its initialisation. */
export interface RunName {
  readonly point: string
  readonly seed: number
}

export interface Batch {
  readonly runs: ReadonlyArray<RunName>
  readonly modalities: number
  readonly items: number
  readonly dims: number
  /** [runs, modalities, items, dims], row-major. */
  readonly vectors: Float32Array | Float64Array
  /** How they were made, where the stages before have said. */
  readonly recipe?: Recipe
}

const decodeRuns = Schema.decodeUnknownEffect(
  Schema.fromJsonString(Schema.Array(Schema.Struct({ point: Schema.String, seed: Schema.Int })))
)

const decodeRecipe = Schema.decodeUnknownOption(Schema.fromJsonString(Recipe))

/** Vectors of one modality of one run, `items` × `dims`. */
export const side = (batch: Batch, run: number, modality: number): Batch["vectors"] => {
  const size = batch.items * batch.dims
  const at = (run * batch.modalities + modality) * size
  return batch.vectors.subarray(at, at + size)
}

export const encodeBatch = ({ dims, items, modalities, recipe, runs, vectors }: Batch): TensorsValue => ({
  tensors: { vectors: { shape: [runs.length, modalities, items, dims], data: vectors } },
  metadata: {
    runs: JSON.stringify(runs.map(({ point, seed }) => ({ point, seed }))),
    ...(recipe === undefined ? {} : { recipe: JSON.stringify(recipe) })
  }
})

const refuse = (what: string): InputError =>
  new InputError({
    what,
    where: "a Constellation artifact",
    expected: "tensor 'vectors' [runs, modalities, items, dims] and metadata 'runs'",
    next: "make it with constellation/initialise, construct or train"
  })

export const readBatch = Effect.fn("constellation/readBatch")(function* (
  reader: TensorsReader
): Effect.fn.Return<Batch, ArtifactError | InputError> {
  const { metadata, tensors } = yield* reader.read
  const vectors = tensors.vectors
  if (vectors === undefined || vectors.shape.length !== 4)
    return yield* refuse("It holds no batch of vectors.")
  const { data, shape } = vectors
  if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) {
    return yield* refuse("Its vectors are not floats.")
  }
  const runs = yield* decodeRuns(metadata.runs).pipe(
    Effect.mapError(() => refuse("Its metadata does not name the runs."))
  )
  if (runs.length !== shape[0]) return yield* refuse(`It names ${runs.length} runs and holds ${shape[0]}.`)
  const recipe = Option.getOrUndefined(decodeRecipe(metadata.recipe))
  return {
    runs,
    modalities: shape[1],
    items: shape[2],
    dims: shape[3],
    vectors: data,
    ...(recipe === undefined ? {} : { recipe })
  }
})
