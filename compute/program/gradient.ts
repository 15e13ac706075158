/**
 * Reverse-mode differentiation: `gradient(loss, parameters)` adds the backward graph to the forward one.
 *
 * Each operation's rule is in `derivatives.ts`. The cost of the gradient is a small multiple of the loss's own; what the
 * two share (and what several gradients share) is computed once, because the program optimiser merges equal nodes.
 */
import { add } from "./arithmetic.ts"
import { broadcastTo } from "./layout.ts"
import { scalar } from "./leaves.ts"
import { derivatives } from "./derivatives.ts"
import type { Tensor } from "./Tensor.ts"
import { leafOf, ProgramError, show } from "./Tensor.ts"

/** Every tensor that `root` depends on, inputs before the nodes that read them. Iterative: graphs may be deep. */
export const topological = (roots: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> => {
  const order: Array<Tensor> = []
  const state = new Map<Tensor, "open" | "done">()
  const stack: Array<Tensor> = [...roots].reverse()
  while (stack.length > 0) {
    const tensor = stack.at(-1)!
    const seen = state.get(tensor)
    if (seen === "done") {
      stack.pop()
    } else if (seen === "open") {
      stack.pop()
      state.set(tensor, "done")
      order.push(tensor)
    } else {
      state.set(tensor, "open")
      for (let i = tensor.inputs.length - 1; i >= 0; i--) {
        if (!state.has(tensor.inputs[i]!)) stack.push(tensor.inputs[i]!)
      }
    }
  }
  return order
}

/**
 * The gradients of a scalar loss with respect to each parameter, in the parameters' shapes. An input or state is known by its
 * name, so that it may be mentioned in several places.
 */
export const gradient = <const P extends { readonly [name: string]: Tensor }>(
  loss: Tensor,
  parameters: P
): { readonly [Name in keyof P]: Tensor } => {
  if (loss.shape.length !== 0 || loss.dtype !== "float") {
    throw new ProgramError(
      "gradient",
      `the loss must be a float scalar, not ${loss.dtype} ${show(loss.shape)}`
    )
  }
  const order = topological([loss])
  const wanted = new Set<Tensor>(Object.values(parameters))
  const leaves = new Map([...wanted].map((parameter) => [leafOf(parameter), parameter]))
  /** The parameter that a tensor is, if it is one. */
  const known = (tensor: Tensor): Tensor => {
    const name = leafOf(tensor)
    return (name === undefined ? undefined : leaves.get(name)) ?? tensor
  }
  const needed = new Set<Tensor>()
  for (const tensor of order) {
    if (wanted.has(known(tensor))) needed.add(tensor)
    else if (tensor.op.kind !== "stopGradient" && tensor.inputs.some((input) => needed.has(input))) {
      needed.add(tensor)
    }
  }
  const adjoints = new Map<Tensor, Tensor>([[loss, scalar(1)]])
  for (let i = order.length - 1; i >= 0; i--) {
    const tensor = order[i]!
    const adjoint = adjoints.get(tensor)
    if (adjoint === undefined || !needed.has(tensor) || tensor.inputs.length === 0) continue
    const contributions = derivatives(tensor, adjoint)
    tensor.inputs.forEach((input, at) => {
      const contribution = contributions[at]
      if (contribution === undefined || !needed.has(input)) return
      const target = known(input)
      const before = adjoints.get(target)
      adjoints.set(target, before === undefined ? contribution() : add(before, contribution()))
    })
  }
  const result: { [name: string]: Tensor } = {}
  for (const [name, parameter] of Object.entries(parameters)) {
    result[name] = adjoints.get(parameter) ?? broadcastTo(scalar(0), parameter.shape)
  }
  return result as { readonly [Name in keyof P]: Tensor }
}
