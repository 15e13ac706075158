/** Inputs: the content digests a node reads, whoever made them. */
import type { Components } from "../../artifacts/NodeRecord.ts"
import { own } from "../../schemas/named.ts"
import type { Handle, Node } from "../Pipeline.ts"
import type { Reason } from "../plan/Reason.ts"
import { changed, changedKeys, short } from "../plan/Reason.ts"

/** Calls `visit` for each handle a node is wired to, with its name in records: `input` or `input[member]`. */
export const eachInput = (node: Node, visit: (key: string, handle: Handle) => void): void => {
  for (const input of Object.keys(node.wires)) {
    const wire = node.wires[input]!
    if (wire.type === "one") visit(input, wire.handle)
    else for (const member of wire.members) visit(`${input}[${member.name}]`, member.handle)
  }
}

/** `input` or `input[member]` → `node.output`, for messages and `run.json`. */
export const inputSources = (node: Node): { readonly [input: string]: string } => {
  const sources: { [input: string]: string } = {}
  eachInput(node, (key, handle) => void (sources[key] = `${handle.node}.${handle.output}`))
  return sources
}

/** What a reason calls an input: the node that makes it, with the output where the node has several. */
export const inputNames = (
  node: Node,
  nodes: ReadonlyMap<string, Node>
): { readonly [input: string]: string } => {
  const names: { [input: string]: string } = {}
  eachInput(node, (key, handle) => {
    const outputs = Object.keys(nodes.get(handle.node)?.stage.outputs ?? {}).length
    names[key] = outputs > 1 ? `${handle.node}.${handle.output}` : handle.node
  })
  return names
}

/** Compares the digests that are known; `pending` inputs are not. */
export const diffInputs = (
  from: Components["inputs"],
  to: Components["inputs"],
  inputs: {
    readonly pending: ReadonlySet<string>
    readonly names: { readonly [input: string]: string }
  }
): ReadonlyArray<Reason> => {
  const settled = Object.fromEntries(Object.entries(from).filter(([key]) => !inputs.pending.has(key)))
  return changedKeys(settled, to, (key, before, after) =>
    changed("inputs", own(inputs.names, key) ?? key, before, after, short)
  )
}
