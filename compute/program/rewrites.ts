/**
 * The program optimiser: from tensors as a stage wrote them to the instructions a backend runs.
 *
 * In one pass over the tensors in topological order, each node is rebuilt on its rewritten inputs by the first rule that
 * fits, and equal nodes become one (hash-consing). A second pass keeps what the results need. Every rule keeps the
 * value exactly or, for products, up to the order of a sum.
 */
import type { Instruction } from "./Program.ts"
import type { Op, Shape, Tensor } from "./Tensor.ts"
import { sameShape, sizeOf } from "./Tensor.ts"
import { foldScalars } from "./folding.ts"

const commutative = new Set(["add", "mul", "maximum", "minimum"])

/** Equal keys compute equal values. */
const keyOf = ({ op, inputs, shape, dtype }: Instruction): string => {
  const reads = op.kind === "binary" && commutative.has(op.name) ? [...inputs].sort((a, b) => a - b) : inputs
  const attributes = op.kind === "constant" ? { kind: op.kind, data: Array.from(op.data) } : op
  return `${JSON.stringify(attributes)}(${reads.join()})${dtype}${shape.join()}`
}

export const rewrite = (
  declared: ReadonlyArray<Tensor>,
  results: ReadonlyArray<Tensor>
): { readonly instructions: ReadonlyArray<Instruction>; readonly place: (tensor: Tensor) => number } => {
  const built: Array<Instruction> = []
  const byKey = new Map<string, number>()
  const intern = (instruction: Instruction): number => {
    const key = keyOf(instruction)
    const known = byKey.get(key)
    if (known !== undefined) return known
    built.push(instruction)
    byKey.set(key, built.length - 1)
    return built.length - 1
  }

  const placed = new Map<Tensor, number>()
  for (const tensor of declared) {
    const inputs = tensor.inputs.map((input) => placed.get(input)!)
    const instruction: Instruction = { op: tensor.op, inputs, shape: tensor.shape, dtype: tensor.dtype }
    placed.set(tensor, simplify(instruction, built, intern))
  }

  // Dead instructions go; the rest keep their order.
  const live = new Set<number>(results.map((tensor) => placed.get(tensor)!))
  for (let at = built.length - 1; at >= 0; at--) {
    if (live.has(at)) for (const input of built[at]!.inputs) live.add(input)
  }
  const renumbered = new Map<number, number>()
  const instructions: Array<Instruction> = []
  built.forEach((instruction, at) => {
    if (!live.has(at)) return
    renumbered.set(at, instructions.length)
    instructions.push({ ...instruction, inputs: instruction.inputs.map((input) => renumbered.get(input)!) })
  })
  return { instructions, place: (tensor) => renumbered.get(placed.get(tensor)!)! }
}

type Intern = (instruction: Instruction) => number

/** The number that fills a value, where it is known: a constant of one entry, or one stretched. */
const constantOf = (at: number, built: ReadonlyArray<Instruction>): number | undefined => {
  const { op, shape, inputs } = built[at]!
  if (op.kind === "broadcast") return constantOf(inputs[0]!, built)
  return op.kind === "constant" && sizeOf(shape) === 1 ? op.data[0] : undefined
}

/** Operands of an element-wise operation; a stretched number is read as the number, where another operand gives the shape. */
const unstretched = (
  { op, inputs, shape }: Instruction,
  built: ReadonlyArray<Instruction>
): ReadonlyArray<number> => {
  if (op.kind !== "binary" && op.kind !== "where") return inputs
  const isStretched = (at: number): boolean =>
    built[at]!.op.kind === "broadcast" && sizeOf(built[built[at]!.inputs[0]!]!.shape) === 1
  const shaped = inputs.some((at) => !isStretched(at) && sameShape(built[at]!.shape, shape))
  return shaped ? inputs.map((at) => (isStretched(at) ? built[at]!.inputs[0]! : at)) : inputs
}

/** The place of an instruction that has the same value, simplified. */
const simplify = (given: Instruction, built: ReadonlyArray<Instruction>, intern: Intern): number => {
  const inputs = unstretched(given, built)
  const instruction = { ...given, inputs }
  const { op, shape } = instruction
  const reads = inputs.map((input) => built[input]!)
  const folded = foldScalars(instruction, reads)
  if (folded !== undefined) return intern(folded)
  switch (op.kind) {
    case "stopGradient":
      return inputs[0]!
    case "binary": {
      const [left, right] = [constantOf(inputs[0]!, built), constantOf(inputs[1]!, built)]
      // Straight-through terms are x − x once gradients have been taken.
      if (op.name === "sub" && inputs[0] === inputs[1]) {
        const zero = intern({ op: { kind: "constant", data: [0] }, inputs: [], shape: [], dtype: "float" })
        return simplify({ op: { kind: "broadcast" }, inputs: [zero], shape, dtype: "float" }, built, intern)
      }
      const leftNeutral = (op.name === "add" && left === 0) || (op.name === "mul" && left === 1)
      if (leftNeutral && sameShape(reads[1]!.shape, shape)) return inputs[1]!
      const rightNeutral =
        ((op.name === "add" || op.name === "sub") && right === 0) ||
        ((op.name === "mul" || op.name === "div") && right === 1)
      if (rightNeutral && sameShape(reads[0]!.shape, shape)) return inputs[0]!
      // c · (d · x) = (c·d) · x, exact enough: both constants are folded in float64.
      if (op.name === "mul") {
        for (const [outer, inner] of [
          [left, 1],
          [right, 0]
        ] as const) {
          const below = reads[inner]!
          if (outer === undefined || below.op.kind !== "binary" || below.op.name !== "mul") continue
          for (const side of [0, 1] as const) {
            const factor = constantOf(below.inputs[side]!, built)
            const rest = below.inputs[1 - side]!
            if (factor === undefined || !sameShape(built[rest]!.shape, shape)) continue
            const merged = intern({
              op: { kind: "constant", data: [outer * factor] },
              inputs: [],
              shape: [],
              dtype: "float"
            })
            return simplify({ ...instruction, inputs: [rest, merged] }, built, intern)
          }
        }
      }
      return intern(instruction)
    }
    case "reshape":
    case "broadcast": {
      const below = reads[0]!
      if (sameShape(below.shape, shape)) return inputs[0]!
      if (below.op.kind === op.kind) {
        return simplify({ ...instruction, inputs: below.inputs }, built, intern)
      }
      return intern(instruction)
    }
    case "reduce":
      return (
        summedForm(instruction, built, intern) ??
        sparseForm(instruction, built, intern) ??
        intern(instruction)
      )
    case "matmul":
    case "takeAlong":
      return sparseForm(instruction, built, intern) ?? intern(instruction)
    default:
      return intern(instruction)
  }
}

const isMatrix = (instruction: Instruction): boolean => instruction.shape.length === 2

/** Whether the value at `at` is computed from the one at `source`. */
const dependsOn = (built: ReadonlyArray<Instruction>, at: number, source: number): boolean => {
  const stack = [at]
  const seen = new Set<number>()
  while (stack.length > 0) {
    const next = stack.pop()!
    if (next === source) return true
    if (next < source || seen.has(next)) continue
    seen.add(next)
    stack.push(...built[next]!.inputs)
  }
  return false
}

/** Σ of −x is −Σ x; a product summed over its rows is the left side's sum times the right side: one row instead of all. */
const summedForm = (
  { op, inputs, shape }: Instruction,
  built: ReadonlyArray<Instruction>,
  intern: Intern
): number | undefined => {
  if (op.kind !== "reduce" || op.name !== "sum") return undefined
  const below = built[inputs[0]!]!
  const made = (by: Op, from: ReadonlyArray<number>, itsShape: Shape): number =>
    simplify({ op: by, inputs: from, shape: itsShape, dtype: "float" }, built, intern)
  if (below.op.kind === "unary" && below.op.name === "neg") {
    return made({ kind: "unary", name: "neg" }, [made(op, below.inputs, shape)], shape)
  }
  if (below.shape.length !== 2 || !sameShape(op.axes, [0])) return undefined
  const [left, middle, right] = below.inputs as readonly [number, number, number]
  const { kind } = below.op
  if (kind === "matmul") {
    const { shape: leftShape } = built[left]!
    const rows = below.op.transposeA ? 1 : 0
    const sum = { kind: "reduce", name: "sum", axes: [rows] } as const
    const summed = made(sum, [left], rows === 0 ? [1, leftShape[1]!] : [leftShape[0]!, 1])
    return made(below.op, [summed, middle], shape)
  }
  // Adding up by index costs the put entries, and the product a row of the right side each.
  if (kind !== "sparseMatmul") return undefined
  const features = built[right]!.shape[0]!
  if (features > sizeOf(built[left]!.shape)) return undefined
  const byIndex = made({ kind: "scatterAddRows", rows: features }, [middle, left], [features])
  const row = made({ kind: "reshape" }, [byIndex], [1, features])
  return made({ kind: "matmul", transposeA: false, transposeB: false }, [row, right], shape)
}

/** Products with a matrix that `putAlong` made: only the entries that were put are touched. */
const sparseForm = (
  instruction: Instruction,
  built: ReadonlyArray<Instruction>,
  intern: Intern
): number | undefined => {
  const { op, inputs, shape } = instruction
  const reads = inputs.map((input) => built[input]!)
  const made = (op: Op, from: ReadonlyArray<number>): number => intern({ ...instruction, op, inputs: from })
  const [a, b] = reads as unknown as readonly [Instruction, Instruction | undefined]
  if (op.kind === "matmul" && isMatrix(a) && isMatrix(b!)) {
    if (a.op.kind === "putAlong" && !op.transposeA && !op.transposeB) {
      return made({ kind: "sparseMatmul" }, [...a.inputs, inputs[1]!])
    }
    if (a.op.kind === "putAlong" && op.transposeA && !op.transposeB) {
      return made({ kind: "sparseOuter", rows: a.op.size }, [...a.inputs, inputs[1]!])
    }
  }
  // takeAlong(x · weightsᵀ, indices): only the sampled inner products.
  if (op.kind === "takeAlong" && a.op.kind === "matmul" && isMatrix(a)) {
    if (!a.op.transposeA && a.op.transposeB && !dependsOn(built, inputs[1]!, inputs[0]!)) {
      return made({ kind: "sampledDot" }, [a.inputs[0]!, a.inputs[1]!, inputs[1]!])
    }
  }
  // Σ over all but the last axis of a put: scatter-add of the values.
  if (op.kind === "reduce" && op.name === "sum" && a.op.kind === "putAlong") {
    const leading = a.shape.slice(0, -1)
    if (
      leading.length > 0 &&
      sameShape(
        op.axes,
        leading.map((_, axis) => axis)
      )
    ) {
      const summed = intern({
        op: { kind: "scatterAddRows", rows: a.op.size },
        inputs: [a.inputs[1]!, a.inputs[0]!],
        shape: [a.op.size],
        dtype: "float"
      })
      return intern({ op: { kind: "reshape" }, inputs: [summed], shape, dtype: "float" })
    }
  }
  return undefined
}
