/** Whether the outputs of an older record can stand for those of a node: there, whole, and of its kinds. */
import * as Effect from "effect/Effect"
import type { NodeRecord } from "../../artifacts/NodeRecord.ts"
import type { StoreShape } from "../../artifacts/Store.ts"
import type { Kind } from "../../schemas/Kind.ts"
import { short } from "../plan/Reason.ts"
import type { Stage } from "../Stage.ts"

/** Undefined where the object is whole and opens as `kind`. Its bytes are read and hashed. */
const objectProblem = Effect.fnUntraced(function* (store: StoreShape, kind: Kind, digest: string) {
  const manifest = yield* store.manifest(digest)
  if (manifest.kind !== kind.name) return `is ${manifest.kind}, not ${kind.name}`
  yield* store.recheck(digest)
  yield* store.open(kind, digest)
  return undefined
})

/** Why the outputs cannot be taken, the first reason; undefined where they can. */
export const outputsProblem = (
  store: StoreShape,
  stage: Stage,
  { outputs }: NodeRecord
): Effect.Effect<string | undefined> =>
  Effect.gen(function* () {
    yield* Effect.ignore(store.hold(Object.values(outputs)))
    for (const [output, kind] of Object.entries(stage.outputs)) {
      const digest = Object.hasOwn(outputs, output) ? outputs[output] : undefined
      if (digest === undefined) return `its earlier result has no '${output}'`
      const problem = yield* objectProblem(store, kind, digest).pipe(
        Effect.catch((error) =>
          Effect.succeed(
            error.reason === "missing" ? "is not in the store any more" : `cannot be read: ${error.detail}`
          )
        )
      )
      if (problem !== undefined) return `its earlier output '${output}' (${short(digest)}) ${problem}`
    }
    return undefined
  })
