/** Files outside the store that a stage says it reads: they are inputs by content, never by name or time. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Components } from "../../artifacts/NodeRecord.ts"
import { InputError } from "../../schemas/errors.ts"
import type { Node } from "../Pipeline.ts"
import type { Code } from "./Code.ts"

const none: Effect.Effect<Components["inputs"]> = Effect.succeed({})

/** `file:<path>` → SHA-256 of its content. A file that cannot be read is bad input, told before anything runs. */
export const fileInputs = (
  node: Node,
  code: Code["Service"]
): Effect.Effect<Components["inputs"], InputError> => {
  const { files, params } = node.stage
  if (files === undefined) return none
  return Effect.gen(function* () {
    const decoded = Schema.decodeUnknownSync(params as unknown as Schema.Codec<unknown, unknown>)(node.params)
    const inputs: { [input: string]: string } = {}
    for (const path of files(decoded as never)) {
      inputs[`file:${path}`] = yield* code.content(path).pipe(
        Effect.mapError(
          (error) =>
            new InputError({
              what: `'${node.name}' cannot read ${path}: ${error instanceof Error ? error.message : String(error)}.`,
              where: `node ${node.name} (stage ${node.stage.id})`,
              expected: "a file that can be read",
              next: "correct the path, which is taken from the folder the command is run in"
            })
        )
      )
    }
    return inputs
  })
}
