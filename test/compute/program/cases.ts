/**
 * One case for each operation (and each way it broadcasts, transposes or batches): a scalar made from float states.
 * The conformance suite runs every case, value and gradients, on every backend that loads.
 */
import type { HostTensor } from "../../../compute/Engine.ts"
import * as Op from "../../../compute/program/ops.ts"
import type { Shape, Tensor } from "../../../compute/program/Tensor.ts"
import { sizeOf } from "../../../compute/program/Tensor.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

export interface Case {
  readonly name: string
  readonly states: { readonly [name: string]: Shape }
  /** A tensor of any shape from the states. */
  readonly value: (states: { readonly [name: string]: Tensor }) => Tensor
  /** Where the states are drawn from: away from kinks and poles where it matters. */
  readonly low?: number
  readonly high?: number
}

const one = (name: string, f: (x: Tensor) => Tensor, range: { low?: number; high?: number } = {}): Case => ({
  name,
  states: { x: [3, 4] },
  value: ({ x }) => f(x!),
  ...range
})

const two = (name: string, f: (x: Tensor, y: Tensor) => Tensor, x: Shape, y: Shape, low = -2): Case => ({
  name: `${name} [${x}] [${y}]`,
  states: { x, y },
  value: (states) => f(states.x!, states.y!),
  low
})

const rows = Op.constant([2, 0, 2, 1], [4], "int")
const places = Op.constant([0, 3, 1, 1, 2, 0], [3, 2], "int")

export const cases: ReadonlyArray<Case> = [
  one("abs", Op.abs),
  one("cos", Op.cos),
  one("exp", Op.exp),
  one("log", Op.log, { low: 0.3, high: 3 }),
  one("neg", Op.neg),
  one("relu", Op.relu),
  one("sigmoid", Op.sigmoid, { low: -9, high: 9 }),
  one("softplus", Op.softplus, { low: -30, high: 30 }),
  one("sqrt", Op.sqrt, { low: 0.3, high: 3 }),
  one("tanh", Op.tanh),
  one("oneMinusExp", Op.oneMinusExp, { low: -0.2, high: -0.001 }),
  ...(
    [
      ["add", Op.add],
      ["sub", Op.sub],
      ["mul", Op.mul],
      ["maximum", Op.maximum],
      ["minimum", Op.minimum]
    ] as const
  ).flatMap(([name, f]) => [
    two(name, f, [3, 4], [3, 4]),
    two(name, f, [3, 4], [4]),
    two(name, f, [2, 1, 4], [3, 1]),
    two(name, f, [], [2, 3])
  ]),
  two("div", Op.div, [3, 4], [3, 4], 0.4),
  two("div", Op.div, [3, 4], [3, 1], 0.4),
  two("div", Op.div, [], [4], 0.4),
  two("where", (x, y) => Op.where(Op.greater(x, 0.1), Op.mul(x, 3), y), [3, 4], [4]),
  one("where (number)", (x) => Op.where(Op.lessEqual(x, 0.2), Op.exp(x), 2)),
  one("where (int condition)", (x) =>
    Op.where(Op.equal(Op.constant([1, 0, 1, 2], [4], "int"), Op.constant([1], [], "int")), x, Op.mul(x, x))
  ),
  one("cast of a comparison", (x) => Op.mul(Op.cast(Op.greaterEqual(x, 0), "float"), x)),
  one("less and cast to int", (x) => Op.mul(Op.cast(Op.cast(Op.less(x, 0.5), "int"), "float"), x)),
  one("stopGradient", (x) => Op.add(Op.mul(Op.stopGradient(x), 1), Op.mul(x, 2))),
  two("matmul", Op.matmul, [3, 4], [4, 2]),
  two("matmul ᵀ·", (x, y) => Op.matmul(x, y, { transposeA: true }), [4, 3], [4, 2]),
  two("matmul ·ᵀ", (x, y) => Op.matmul(x, y, { transposeB: true }), [3, 4], [2, 4]),
  two("matmul ᵀᵀ", (x, y) => Op.matmul(x, y, { transposeA: true, transposeB: true }), [4, 3], [2, 4]),
  two("matmul batched", Op.matmul, [2, 3, 4], [2, 4, 2]),
  two("matmul batched ᵀ·", (x, y) => Op.matmul(x, y, { transposeA: true }), [2, 4, 3], [2, 4, 2]),
  two("matmul batched ·ᵀ", (x, y) => Op.matmul(x, y, { transposeB: true }), [2, 3, 4], [2, 2, 4]),
  two("matmul batched × shared", Op.matmul, [2, 3, 4], [4, 2]),
  two("matmul shared × batched", Op.matmul, [3, 4], [2, 4, 2]),
  two("matmul, two batch axes", Op.matmul, [2, 1, 3, 4], [3, 4, 2]),
  one("sum of all", (x) => Op.sum(x)),
  one("sum of rows", (x) => Op.sum(x, { axes: [1] })),
  one("sum of columns, kept", (x) => Op.sum(x, { axes: [0], keepDims: true })),
  { name: "sum of the middle", states: { x: [2, 3, 4] }, value: ({ x }) => Op.sum(x!, { axes: [1] }) },
  { name: "sum of the ends", states: { x: [2, 3, 4] }, value: ({ x }) => Op.sum(x!, { axes: [0, -1] }) },
  one("mean", (x) => Op.mean(x, { axes: [-1] })),
  one("max", (x) => Op.max(x, { axes: [1] })),
  one("max of all", (x) => Op.max(x)),
  one("min, kept", (x) => Op.min(x, { axes: [0], keepDims: true })),
  one("logSumExp", (x) => Op.logSumExp(x, { axes: [1] })),
  one("normaliseRows", (x) => Op.normaliseRows(x)),
  one("reshape", (x) => Op.mul(Op.reshape(x, [2, 6]), Op.constant([1, 2, 3, 4, 5, 6]))),
  one("transpose", (x) => Op.mul(Op.transpose(x), Op.constant([1, 2, 3]))),
  {
    name: "transpose of three axes",
    states: { x: [2, 3, 4] },
    value: ({ x }) => Op.mul(Op.transpose(x!, [2, 0, 1]), Op.constant([1, 2, 3]))
  },
  {
    name: "broadcastTo",
    states: { x: [3, 1] },
    value: ({ x }) => Op.mul(Op.broadcastTo(x!, [2, 3, 4]), Op.constant([1, 2, 3, 4]))
  },
  two("concat rows", (x, y) => Op.square(Op.concat([x, y], 0)), [2, 3], [1, 3]),
  two("concat columns", (x, y) => Op.square(Op.concat([x, y, x], -1)), [2, 3], [2, 1]),
  one("slice", (x) => Op.square(Op.slice(x, 1, 1, 3))),
  one("slice of rows", (x) => Op.square(Op.slice(x, 0, 0, 2))),
  one("gatherRows", (x) => Op.square(Op.gatherRows(x, rows))),
  {
    name: "gatherRows of a vector",
    states: { x: [3] },
    value: ({ x }) => Op.square(Op.gatherRows(x!, rows))
  },
  {
    name: "gatherRows, two index axes",
    states: { x: [4, 2] },
    value: ({ x }) => Op.square(Op.gatherRows(x!, places))
  },
  {
    name: "scatterAddRows",
    states: { x: [4, 3] },
    value: ({ x }) => Op.square(Op.scatterAddRows(rows, x!, 5))
  },
  one("takeAlong", (x) => Op.square(Op.takeAlong(x, places))),
  { name: "putAlong", states: { x: [3, 2] }, value: ({ x }) => Op.square(Op.putAlong(x!, places, 5)) },
  one("topk", (x) => {
    const { values, indices } = Op.topk(x, 2)
    return Op.mul(values, Op.add(Op.cast(indices, "float"), Op.constant([1, 2])))
  }),
  { name: "topk batched", states: { x: [2, 3, 5] }, value: ({ x }) => Op.square(Op.topk(x!, 3).values) },
  two("sparse matmul", (x, y) => Op.square(Op.matmul(Op.putAlong(x, places, 4), y)), [3, 2], [4, 3]),
  two(
    "TopK autoencoder",
    (x, w) => {
      const { values, indices } = Op.topk(Op.matmul(x, w, { transposeB: true }), 2)
      return Op.square(Op.sub(Op.matmul(Op.putAlong(Op.relu(values), indices, 5), w), x))
    },
    [4, 3],
    [5, 3]
  )
]

/** The case's states, drawn from its own stream. */
export const statesOfCase = (test: Case): { readonly [name: string]: HostTensor } => {
  const random = makeRandom("conformance", test.name)
  const drawn: { [name: string]: HostTensor } = {}
  for (const [name, shape] of Object.entries(test.states)) {
    const data = new Float64Array(sizeOf(shape))
    random.fillUniform(data, test.low ?? -2, test.high ?? 2)
    // Exact in float32, so that every backend starts from the same numbers.
    drawn[name] = { shape, data: data.map(Math.fround) }
  }
  return drawn
}

/** A weighted sum of the case's value, so that every entry's gradient matters and differs. */
export const lossOfCase = (
  test: Case
): { readonly loss: Tensor; readonly states: { [name: string]: Tensor } } => {
  const states: { [name: string]: Tensor } = {}
  for (const [name, shape] of Object.entries(test.states)) states[name] = Op.state(name, shape)
  const value = test.value(states)
  const weights = Array.from({ length: sizeOf(value.shape) }, (_, i) => Math.fround(Math.sin(i + 1)))
  return { loss: Op.sum(Op.mul(value, Op.constant(weights, value.shape))), states }
}
