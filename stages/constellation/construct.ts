/**
 * Constellations by construction, with the margin and relative bias the formulas promise.
 *
 * `pair` is the code with itself; `one` is Construction 1 with δ and φ given, or found for a target (margin, relativeBias);
 * `two` is Construction 2 for k modalities. Codes: the known optima, uniform points, or the best found by a search.
 *
 * Source: arXiv 2509.18552, section 4.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  codeConstellation,
  constructionOne,
  constructionOneFor,
  constructionTwo
} from "../../compute/constellation/constructions.ts"
import { optimisedCode, randomCode } from "../../compute/constellation/optimisedCode.ts"
import { pairRows } from "../../compute/constellation/Pairing.ts"
import {
  codeThreshold,
  crossPolytope,
  icosahedron,
  rootsD,
  rootsE8,
  simplexCode
} from "../../compute/constellation/sphericalCodes.ts"
import { makeRandom, type RandomStream } from "../../compute/random/RandomStream.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { ConstellationMeasures } from "../../schemas/ConstellationMeasures.ts"
import { InputError } from "../../schemas/errors.ts"
import { encodeBatch } from "./batch.ts"

const codes = ["simplex", "crosspolytope", "icosahedron", "roots-d", "roots-e8", "random", "search"] as const
const finiteOrNull = Schema.NullOr(Schema.Finite).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))

export const construct = Stage.make("constellation/construct", {
  description: "Constructions 1 and 2 over spherical codes.",
  source: import.meta.url,
  params: Schema.Struct({
    construction: Schema.Literals(["pair", "one", "two"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("one" as const))
    ),
    code: Schema.Literals(codes).pipe(Schema.withDecodingDefaultKey(Effect.succeed("search" as const))),
    /** Points of a random or searched code; the others have their own number. */
    items: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100))),
    /** Dimension of the code (not of icosahedron and roots-e8, which have theirs). */
    dims: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(8))),
    modalities: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))),
    delta: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.8))),
    phi: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
    /** With both given, Construction 1 takes the δ and φ that reach them. Half gap. */
    margin: finiteOrNull,
    relativeBias: finiteOrNull
  }),
  inputs: {},
  outputs: { constellation: Constellation, promised: ConstellationMeasures },
  random: true,
  run: Effect.fn("constellation/construct")(function* ({ params }) {
    const { seed } = yield* Random
    return yield* Effect.try({
      try: () => build(params, makeRandom(seed, "code")),
      catch: (cause) =>
        new InputError({
          what: cause instanceof Error ? cause.message : String(cause),
          where: "constellation/construct",
          next: "change delta and phi, the target, or take a finer code"
        })
    })
  })
})

type Params = {
  readonly construction: "pair" | "one" | "two"
  readonly code: (typeof codes)[number]
  readonly items: number
  readonly dims: number
  readonly modalities: number
  readonly delta: number
  readonly phi: number
  readonly margin: number | null
  readonly relativeBias: number | null
}

const codeOf = (
  params: Params,
  random: RandomStream
): { readonly points: Float64Array; readonly dims: number } => {
  const { code, dims, items } = params
  switch (code) {
    case "simplex":
      return { points: simplexCode(dims + 1), dims }
    case "crosspolytope":
      return { points: crossPolytope(dims), dims }
    case "icosahedron":
      return { points: icosahedron(), dims: 3 }
    case "roots-d":
      return { points: rootsD(dims), dims }
    case "roots-e8":
      return { points: rootsE8(), dims: 8 }
    case "random":
      return { points: randomCode(items, dims, random), dims }
    case "search":
      return { points: optimisedCode(items, dims, random), dims }
  }
}

const build = (params: Params, random: RandomStream) => {
  const { dims, points } = codeOf(params, random)
  const threshold = codeThreshold(points, dims)
  const point = `${params.construction} of ${params.code}`
  const result = (
    sides: ReadonlyArray<Float64Array>,
    width: number,
    of: ReturnType<typeof codeConstellation>
  ) => {
    const items = points.length / dims
    const vectors = new Float64Array(sides.length * items * width)
    sides.forEach((set, k) => vectors.set(set, k * items * width))
    const row = (measure: string, value: number) => ({ point, seed: 0, edge: "all", measure, value })
    return {
      constellation: encodeBatch({
        runs: [{ point, seed: 0 }],
        modalities: sides.length,
        items,
        dims: width,
        vectors
      }),
      promised: [
        row("margin", of.margin),
        row("relativeBias", of.relativeBias),
        row("fullGap", 2 * of.margin),
        row("codeThreshold", threshold)
      ]
    }
  }
  const paired = codeConstellation(threshold)
  if (params.construction === "pair") return result([points, points], dims, paired)
  if (params.construction === "two") {
    const made = constructionTwo(points, dims, threshold, params.modalities, params.delta)
    return result(made.embeddings, made.dims, made.promised)
  }
  const { margin, relativeBias } = params
  const { delta, phi } =
    margin !== null && relativeBias !== null
      ? constructionOneFor(threshold, { margin, relativeBias })
      : { delta: params.delta, phi: params.phi }
  const { pairing, promised } = constructionOne(pairRows(points, points, dims), paired, delta, phi)
  return result([Float64Array.from(pairing.left), Float64Array.from(pairing.right)], pairing.dims, promised)
}

export default construct
