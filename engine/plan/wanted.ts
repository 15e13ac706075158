/** Which nodes a study asks for: all, or one node (or group) with everything it needs. */
import * as Effect from "effect/Effect"
import { InputError } from "../../schemas/errors.ts"
import { eachInput } from "../fingerprint/inputs.ts"
import type { Node } from "../Pipeline.ts"
import type { Study } from "../Study.ts"

/** In topological order. */
export const wantedNodes = ({ graph, until }: Study): Effect.Effect<ReadonlyArray<Node>, InputError> => {
  const nodes = [...graph.nodes.values()]
  if (until === undefined) return Effect.succeed(nodes)
  const wanted = new Set<string>()
  for (const { name } of nodes) if (name === until || name.startsWith(`${until}/`)) wanted.add(name)
  if (wanted.size === 0) {
    return Effect.fail(
      new InputError({
        what: `No node or group is named '${until}'.`,
        where: `--until ${until}`,
        expected: `one of ${[...graph.nodes.keys()].slice(0, 50).join(", ")}`,
        next: `'asterism list ${graph.pipeline}' shows the nodes`
      })
    )
  }
  // Consumers come after their producers, so one pass backwards finds every ancestor.
  for (const node of nodes.reverse()) {
    if (wanted.has(node.name)) eachInput(node, (_, handle) => void wanted.add(handle.node))
  }
  return Effect.succeed(nodes.reverse().filter((node) => wanted.has(node.name)))
}
