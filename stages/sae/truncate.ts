/**
 * Drops features that are active for nearly every row or nearly none (arXiv 2605.28870): feature j
 * stays iff N·lowest < c_j < N·highest, where c_j is the number of rows with a positive activation. Values are not
 * rescaled. Two passes over the codes; memory O(features).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Stage from "../../engine/Stage.ts"
import { InputError } from "../../schemas/errors.ts"
import * as Kind from "../../schemas/Kind.ts"
import { SparseCodes } from "../../schemas/SparseCodes.ts"

export const KeptFeatures = Kind.table("KeptFeatures", {
  description:
    "The features that truncation kept: their number before and after, and how many rows have them.",
  columns: { feature: "int32", kept: "int32", rows: "int32" }
})

/** Which features stay, given in how many of `rows` rows each is active. Both bounds are strict. */
export const keptFeatures = (
  counts: ArrayLike<number>,
  rows: number,
  lowest: number,
  highest: number
): ReadonlyArray<number> =>
  Array.from({ length: counts.length }, (_, feature) => feature).filter(
    (feature) => counts[feature]! > rows * lowest && counts[feature]! < rows * highest
  )

const share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1.000001 }))

export const truncateSae = Stage.make("sae/truncate", {
  description: "Drops features that are active for nearly every row or nearly none.",
  source: import.meta.url,
  params: Schema.Struct({
    /** A feature must be active in more than this share of the rows. */
    lowest: share.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1e-5))),
    /** And in less than this share. */
    highest: share.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.1)))
  }),
  inputs: { codes: SparseCodes },
  outputs: { codes: SparseCodes, kept: KeptFeatures },
  run: Effect.fn("sae/truncate")(function* ({ params, inputs }) {
    const { codes } = inputs
    const counts = new Float64Array(codes.dims)
    yield* Stream.runForEach(codes.blocks, (block) =>
      Effect.sync(() => {
        block.indices.forEach((feature, at) => {
          if (block.values === undefined || block.values[at]! > 0) counts[feature]! += 1
        })
      })
    )
    const kept = keptFeatures(counts, codes.rows, params.lowest, params.highest)
    if (kept.length === 0) {
      return yield* new InputError({
        what: `No feature is active in more than ${params.lowest} and less than ${params.highest} of the ${codes.rows} rows.`,
        where: "input 'codes'",
        next: "widen lowest and highest"
      })
    }
    const place = new Map(kept.map((feature, at) => [feature, at]))
    const blocks = Stream.map(codes.blocks, (block) => {
      const indptr = new Float64Array(block.keys.length + 1)
      const indices: Array<number> = []
      const values: Array<number> = []
      for (let row = 0; row < block.keys.length; row++) {
        for (let at = block.indptr[row]!; at < block.indptr[row + 1]!; at++) {
          const to = place.get(block.indices[at]!)
          if (to === undefined) continue
          indices.push(to)
          if (block.values !== undefined) values.push(block.values[at]!)
        }
        indptr[row + 1] = indices.length
      }
      return {
        keys: block.keys,
        indptr,
        indices: Uint32Array.from(indices),
        ...(block.values === undefined ? {} : { values: Float32Array.from(values) })
      }
    })
    return {
      codes: { dims: kept.length, binary: codes.binary, blocks },
      kept: kept.map((feature, at) => ({ feature, kept: at, rows: counts[feature]! }))
    }
  })
})

export default truncateSae
