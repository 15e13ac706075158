/**
 * Every operation in plain float64 TypeScript: the meaning of the tensor language, and the judge of the other backends.
 *
 * Values of all types are Float64Arrays (bool: 0 and 1). Nothing here is fast.
 */
import type { Instruction } from "../../program/Program.ts"
import { binaryFunctions, compareFunctions, unaryFunctions } from "../../program/scalarFunctions.ts"
import type { Shape } from "../../program/Tensor.ts"
import { ProgramError, sizeOf } from "../../program/Tensor.ts"

export interface Value {
  readonly shape: Shape
  readonly data: Float64Array
}

/** Distance between neighbours along each axis, in entries. */
const stridesOf = (shape: Shape): ReadonlyArray<number> => {
  const strides = Array.from({ length: shape.length }, () => 1)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!
  return strides
}

/** Strides with which a value of shape `from` is read as if it had the shape `to`: 0 along stretched axes. */
const broadcastStrides = (from: Shape, to: Shape): ReadonlyArray<number> => {
  const own = stridesOf(from)
  const extra = to.length - from.length
  return to.map((_, axis) => (axis < extra || from[axis - extra] === 1 ? 0 : own[axis - extra]!))
}

/** Calls `visit(place, offset)` for each entry of `shape` in order, where `offset` follows the strides. */
const walk = (
  shape: Shape,
  strides: ReadonlyArray<number>,
  visit: (at: number, offset: number) => void
): void => {
  const index = Array.from({ length: shape.length }, () => 0)
  const size = sizeOf(shape)
  let offset = 0
  for (let at = 0; at < size; at++) {
    visit(at, offset)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      offset -= strides[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
}

const stretched = (value: Value, shape: Shape): Float64Array => {
  if (value.data.length === sizeOf(shape)) return value.data
  const out = new Float64Array(sizeOf(shape))
  walk(shape, broadcastStrides(value.shape, shape), (at, offset) => (out[at] = value.data[offset]!))
  return out
}

const matmul = (a: Value, b: Value, ta: boolean, tb: boolean, shape: Shape): Float64Array => {
  const [m, n] = shape.slice(-2) as [number, number]
  const k = ta ? a.shape.at(-2)! : a.shape.at(-1)!
  const [rowA, stepA] = ta ? [1, m] : [k, 1]
  const [stepB, columnB] = tb ? [1, k] : [n, 1]
  const leading = shape.slice(0, -2)
  const startsA: Array<number> = []
  const startsB: Array<number> = []
  walk(leading, broadcastStrides(a.shape.slice(0, -2), leading), (_, at) => startsA.push(at * m * k))
  walk(leading, broadcastStrides(b.shape.slice(0, -2), leading), (_, at) => startsB.push(at * k * n))
  const out = new Float64Array(sizeOf(shape))
  startsA.forEach((startA, member) => {
    const startB = startsB[member]!
    for (let i = 0; i < m; i++) {
      const row = out.subarray((member * m + i) * n, (member * m + i + 1) * n)
      for (let p = 0; p < k; p++) {
        const x = a.data[startA + i * rowA + p * stepA]!
        for (let j = 0; j < n; j++) row[j]! += x * b.data[startB + p * stepB + j * columnB]!
      }
    }
  })
  return out
}

const reduce = (x: Value, name: "sum" | "max" | "min", shape: Shape): Float64Array => {
  const start = name === "sum" ? 0 : name === "max" ? -Infinity : Infinity
  const out = new Float64Array(sizeOf(shape)).fill(start)
  const combine = name === "sum" ? binaryFunctions.add : name === "max" ? Math.max : Math.min
  walk(
    x.shape,
    broadcastStrides(shape, x.shape),
    (at, target) => (out[target] = combine(out[target]!, x.data[at]!))
  )
  return out
}

const concat = (parts: ReadonlyArray<Value>, axis: number, shape: Shape): Float64Array => {
  const out = new Float64Array(sizeOf(shape))
  const outer = sizeOf(shape.slice(0, axis))
  const inner = sizeOf(shape.slice(axis))
  let start = 0
  for (const part of parts) {
    const run = sizeOf(part.shape.slice(axis))
    for (let o = 0; o < outer; o++) out.set(part.data.subarray(o * run, (o + 1) * run), o * inner + start)
    start += run
  }
  return out
}

const slice = (x: Value, axis: number, start: number, end: number, shape: Shape): Float64Array => {
  const out = new Float64Array(sizeOf(shape))
  const below = sizeOf(x.shape.slice(axis + 1))
  const whole = x.shape[axis]! * below
  const run = (end - start) * below
  for (let o = 0; o * run < out.length; o++) {
    out.set(x.data.subarray(o * whole + start * below, o * whole + end * below), o * run)
  }
  return out
}

const checked = (op: string, index: number, size: number): number => {
  if (!(index >= 0 && index < size)) throw new ProgramError(op, `index ${index} is not below ${size}`)
  return index
}

const topkIndices = (x: Value, k: number, shape: Shape): Float64Array => {
  const n = x.shape.at(-1)!
  const out = new Float64Array(sizeOf(shape))
  for (let row = 0; row * n < x.data.length; row++) {
    const places = Array.from({ length: n }, (_, at) => at)
    const entry = (at: number): number => x.data[row * n + at]!
    places.sort((i, j) => entry(j) - entry(i) || i - j)
    out.set(places.slice(0, k), row * k)
  }
  return out
}

/** The value of one instruction, given those of its inputs. Leaves are not computed here. */
export const evaluate = (instruction: Instruction, inputs: ReadonlyArray<Value>): Float64Array => {
  const { op, shape } = instruction
  const [a, b, c] = inputs as readonly [Value, Value, Value]
  switch (op.kind) {
    case "unary":
      return a.data.map(unaryFunctions[op.name])
    case "binary": {
      const [x, y] = [stretched(a, shape), stretched(b, shape)]
      const combine = binaryFunctions[op.name]
      return x.map((value, at) => combine(value, y[at]!))
    }
    case "compare": {
      const [x, y] = [stretched(a, shape), stretched(b, shape)]
      const holds = compareFunctions[op.name]
      return x.map((value, at) => (holds(value, y[at]!) ? 1 : 0))
    }
    case "where": {
      const [condition, x, y] = [stretched(a, shape), stretched(b, shape), stretched(c, shape)]
      return condition.map((holds, at) => (holds === 0 ? y[at]! : x[at]!))
    }
    case "matmul":
      return matmul(a, b, op.transposeA, op.transposeB, shape)
    case "reduce":
      return reduce(a, op.name, shape)
    case "reshape":
    case "stopGradient":
      return a.data
    case "cast":
      return instruction.dtype === "int"
        ? a.data.map(Math.trunc)
        : instruction.dtype === "bool"
          ? a.data.map((x) => (x === 0 ? 0 : 1))
          : a.data
    case "transpose": {
      const out = new Float64Array(a.data.length)
      const strides = stridesOf(a.shape)
      const read = op.permutation.map((axis) => strides[axis]!)
      walk(shape, read, (at, offset) => (out[at] = a.data[offset]!))
      return out
    }
    case "broadcast":
      return stretched(a, shape)
    case "concat":
      return concat(inputs, op.axis, shape)
    case "slice":
      return slice(a, op.axis, op.start, op.end, shape)
    case "gatherRows": {
      const width = sizeOf(a.shape.slice(1))
      const out = new Float64Array(sizeOf(shape))
      b.data.forEach((row, at) => {
        const from = checked(op.kind, row, a.shape[0]!) * width
        out.set(a.data.subarray(from, from + width), at * width)
      })
      return out
    }
    case "scatterAddRows": {
      const width = sizeOf(shape.slice(1))
      const out = new Float64Array(sizeOf(shape))
      a.data.forEach((row, at) => {
        const to = checked(op.kind, row, op.rows) * width
        for (let j = 0; j < width; j++) out[to + j]! += b.data[at * width + j]!
      })
      return out
    }
    case "takeAlong": {
      const [n, k] = [a.shape.at(-1)!, shape.at(-1)!]
      return b.data.map((index, at) => a.data[Math.floor(at / k) * n + checked(op.kind, index, n)]!)
    }
    case "putAlong": {
      const k = a.shape.at(-1)!
      const out = new Float64Array(sizeOf(shape))
      b.data.forEach((index, at) => {
        out[Math.floor(at / k) * op.size + checked(op.kind, index, op.size)]! += a.data[at]!
      })
      return out
    }
    case "topkIndices":
      return topkIndices(a, op.k, shape)
    case "sparseMatmul": {
      const [k, d] = [a.shape[1]!, shape[1]!]
      const out = new Float64Array(sizeOf(shape))
      b.data.forEach((index, at) => {
        const [to, from] = [Math.floor(at / k) * d, checked(op.kind, index, c.shape[0]!) * d]
        for (let j = 0; j < d; j++) out[to + j]! += a.data[at]! * c.data[from + j]!
      })
      return out
    }
    case "sampledDot": {
      const [k, d] = [shape[1]!, a.shape[1]!]
      return c.data.map((index, at) => {
        const [left, right] = [Math.floor(at / k) * d, checked(op.kind, index, b.shape[0]!) * d]
        let total = 0
        for (let j = 0; j < d; j++) total += a.data[left + j]! * b.data[right + j]!
        return total
      })
    }
    case "sparseOuter": {
      const [k, d] = [a.shape[1]!, shape[1]!]
      const out = new Float64Array(sizeOf(shape))
      b.data.forEach((index, at) => {
        const [from, to] = [Math.floor(at / k) * d, checked(op.kind, index, op.rows) * d]
        for (let j = 0; j < d; j++) out[to + j]! += a.data[at]! * c.data[from + j]!
      })
      return out
    }
    case "constant":
      return op.data instanceof Float64Array ? op.data : Float64Array.from(op.data)
    case "input":
    case "state":
      throw new ProgramError(op.kind, `'${op.name}' has no value`)
  }
}
