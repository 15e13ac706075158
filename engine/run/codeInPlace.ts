/** Holds a running node to the code files that are read from their own paths, not from the program: they must not change. */
import * as Effect from "effect/Effect"
import { InputError } from "../../schemas/errors.ts"
import { Code } from "../fingerprint/Code.ts"
import type { Node } from "../Pipeline.ts"

export const checkCodeInPlace = Effect.fnUntraced(function* (
  node: Node
): Effect.fn.Return<void, InputError, Code> {
  const code = yield* Code
  const changed = yield* code.changedInPlace(node.stage)
  if (changed.length === 0) return
  return yield* new InputError({
    what: `The code file ${changed.join(", ")} changed while '${node.name}' ran, so that nothing was recorded.`,
    where: `node ${node.name} (stage ${node.stage.id})`,
    next: "run the same command again: it goes by what the file holds then"
  })
})
