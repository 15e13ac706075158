/**
 * Recognises Adam on a gradient that has few rows: a state whose next value, with its moments', is exactly what
 * `program/optimisers.adam` writes for a gradient `sparseOuter`, with or without row normalisation after it.
 */
import type { Instruction, Program } from "../program/Program.ts"
import { readersOf } from "../program/readers.ts"
import { sizeOf } from "../program/Tensor.ts"

/** Places in `Program.instructions`, and the constants of the formula. */
export interface SparseAdamMatch {
  readonly state: string
  /** (values [B, k], indices [B, k], x [B, d]) of the gradient. */
  readonly gradient: readonly [values: number, indices: number, x: number]
  readonly features: number
  readonly dims: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Scalars computed by the program. */
  readonly rate: number
  readonly root: number
  /** Factor on the weights before the step; none without weight decay. */
  readonly decay: number | undefined
  /** Smallest norm to divide by; none without normalisation. */
  readonly floor: number | undefined
  /** Instructions that the kernel stands for. */
  readonly covers: ReadonlySet<number>
}

class Reader {
  readonly covers = new Set<number>()
  private readonly program: Program
  constructor(program: Program) {
    this.program = program
  }

  at(place: number): Instruction {
    return this.program.instructions[place]!
  }

  /** The operands of a binary operation, which joins the match. */
  binary(place: number | undefined, name: string): readonly [number, number] | undefined {
    if (place === undefined) return undefined
    const { op, inputs } = this.at(place)
    if (op.kind !== "binary" || op.name !== name) return undefined
    this.covers.add(place)
    return inputs as unknown as readonly [number, number]
  }

  unary(place: number | undefined, name: string): number | undefined {
    if (place === undefined) return undefined
    const { op, inputs } = this.at(place)
    if (op.kind !== "unary" || op.name !== name) return undefined
    this.covers.add(place)
    return inputs[0]
  }

  constant(place: number | undefined): number | undefined {
    if (place === undefined) return undefined
    const { op, shape } = this.at(place)
    return op.kind === "constant" && sizeOf(shape) === 1 ? op.data[0] : undefined
  }

  isState(place: number | undefined, name: string): boolean {
    if (place === undefined) return false
    const { op } = this.at(place)
    return op.kind === "state" && op.name === name
  }

  isScalar(place: number | undefined): boolean {
    return place !== undefined && this.at(place).shape.length === 0
  }

  /** Both orders of a commutative pair. */
  orders(pair: readonly [number, number] | undefined): ReadonlyArray<readonly [number, number]> {
    return pair === undefined ? [] : [pair, [pair[1], pair[0]]]
  }

  /** `constant · x`: the constant and x. */
  scaled(place: number | undefined): readonly [number, number] | undefined {
    for (const [x, factor] of this.orders(this.binary(place, "mul"))) {
      const value = this.constant(factor)
      if (value !== undefined) return [value, x]
    }
    return undefined
  }

  /** β·state + c·x: β, c and x. */
  moment(place: number | undefined, state: string): readonly [number, number, number] | undefined {
    for (const [kept, added] of this.orders(this.binary(place, "add"))) {
      const [old, fresh] = [this.scaled(kept), this.scaled(added)]
      if (old !== undefined && fresh !== undefined && this.isState(old[1], state)) {
        return [old[0], fresh[0], fresh[1]]
      }
    }
    return undefined
  }
}

const near = (x: number, y: number): boolean => Math.abs(x - y) <= 1e-12

/** q / √max(Σ q², floor²) over rows: q and the floor. */
const normalised = (
  read: Reader,
  place: number
): { readonly of: number; readonly floor: number } | undefined => {
  const quotient = read.binary(place, "div")
  if (quotient === undefined) return undefined
  const [of, norm] = quotient
  for (const [sum, floor] of read.orders(read.binary(read.unary(norm, "sqrt"), "maximum"))) {
    const squared = read.constant(floor)
    const { op, inputs } = read.at(sum)
    if (squared === undefined || op.kind !== "reduce" || op.name !== "sum" || op.axes.join() !== "1") continue
    const square = read.binary(inputs[0], "mul")
    if (square === undefined || square[0] !== of || square[1] !== of) continue
    read.covers.add(sum)
    return { of, floor: Math.sqrt(squared) }
  }
  return undefined
}

const matchState = (program: Program, state: string): SparseAdamMatch | undefined => {
  const [w, m, v] = [state, `${state}/m`, `${state}/v`].map((name) => program.updates.get(name))
  if (w === undefined || m === undefined || v === undefined) return undefined
  const read = new Reader(program)
  const first = read.moment(m, `${state}/m`)
  const second = read.moment(v, `${state}/v`)
  if (first === undefined || second === undefined) return undefined
  const [beta1, rest1, g] = first
  const [beta2, rest2, gg] = second
  const square = read.binary(gg, "mul")
  if (square?.[0] !== g || square[1] !== g || !near(rest1, 1 - beta1) || !near(rest2, 1 - beta2))
    return undefined
  const gradient = read.at(g)
  if (gradient.op.kind !== "sparseOuter") return undefined
  read.covers.add(g)

  const outer = normalised(read, w)
  const stepped = read.binary(outer?.of ?? w, "sub")
  if (stepped === undefined) return undefined
  const [decayed, move] = stepped
  let decay: number | undefined
  if (!read.isState(decayed, state)) {
    const factors = read.orders(read.binary(decayed, "mul"))
    decay = factors.find(([x, factor]) => read.isState(x, state) && read.isScalar(factor))?.[1]
    if (decay === undefined) return undefined
  }
  for (const [rate, direction] of read.orders(read.binary(move, "mul"))) {
    const quotient = read.isScalar(rate) ? read.binary(direction, "div") : undefined
    if (quotient === undefined || quotient[0] !== m) continue
    for (const [scaledRoot, constant] of read.orders(read.binary(quotient[1], "add"))) {
      const epsilon = read.constant(constant)
      const corrected = read.binary(scaledRoot, "div")
      if (epsilon === undefined || corrected === undefined || !read.isScalar(corrected[1])) continue
      if (read.unary(corrected[0], "sqrt") !== v) continue
      const [features, dims] = gradient.shape as readonly [number, number]
      return {
        state,
        gradient: gradient.inputs as unknown as readonly [number, number, number],
        features,
        dims,
        beta1,
        beta2,
        epsilon,
        rate,
        root: corrected[1],
        decay,
        floor: outer?.floor,
        covers: read.covers
      }
    }
  }
  return undefined
}

/** Every match in a program whose inner values nothing else reads. Widths must be a multiple of 4. */
export const sparseAdams = (program: Program): ReadonlyArray<SparseAdamMatch> => {
  const readers = readersOf(program.instructions)
  const outputs = new Set(program.outputs.values())
  return [...program.states.keys()].flatMap((state) => {
    const match = matchState(program, state)
    if (match === undefined || match.dims % 4 !== 0) return []
    const own = new Set([state, `${state}/m`, `${state}/v`])
    const updatesElsewhere = [...program.updates].some(([name, at]) => match.covers.has(at) && !own.has(name))
    const closed = [...match.covers].every(
      (at) => !outputs.has(at) && readers[at]!.every((reader) => match.covers.has(reader))
    )
    return closed && !updatesElsewhere ? [match] : []
  })
}
