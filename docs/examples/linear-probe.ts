/** A linear probe: logistic regression from embeddings to a yes/no label per key, trained as one tensor program. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  Backend,
  Compute,
  Embeddings,
  InputError,
  Kind,
  Op,
  Program,
  Stage,
  gradient,
  optimisers
} from "asterism"

const Labels = Kind.table("Labels", { description: "Yes or no.", columns: { key: "utf8", label: "boolean" } })
const Probe = Kind.tensors("Probe", { description: "Weights and bias of a linear probe." })

export const linearProbe = Stage.make("example/linear-probe", {
  description: "Logistic regression on embeddings.",
  source: import.meta.url,
  params: Schema.Struct({
    steps: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(200))),
    learningRate: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.1)))
  }),
  inputs: { embeddings: Embeddings, labels: Labels },
  outputs: { probe: Probe },
  compute: true,
  run: Effect.fn("example/linear-probe")(function* ({ params, inputs }) {
    const { keys, dims, data } = yield* inputs.embeddings.readFloat32
    const answers = new Map((yield* inputs.labels.read).rows.map(({ key, label }) => [key, label]))
    const missing = keys.find((key) => !answers.has(key))
    if (missing !== undefined) return yield* new InputError({ what: `'${missing}' has no label.` })

    // The loss as a formula; its gradient is derived.
    const n = keys.length
    const parameters = { weights: Op.state("weights", [dims, 1]), bias: Op.state("bias", []) }
    const scores = Op.add(Op.matmul(Op.input("x", [n, dims]), parameters.weights), parameters.bias)
    const loss = Op.mean(Op.softplus(Op.neg(Op.mul(Op.input("signs", [n, 1]), scores))))
    const program = Program.make("linear-probe", {
      outputs: { loss },
      updates: optimisers.adam(parameters, gradient(loss, parameters), params)
    })

    const trained = Effect.gen(function* () {
      const compute = yield* Compute
      const state = yield* compute.state(program, {})
      const step = yield* compute.compile(program)
      const signs = Float32Array.from(keys, (key) => (answers.get(key) ? 1 : -1))
      const given = { x: { shape: [n, dims], data }, signs: { shape: [n, 1], data: signs } }
      yield* step.repeat(params.steps, { ...state, ...given })
      return { weights: yield* compute.read(state.weights!), bias: yield* compute.read(state.bias!) }
    })
    const layer = Compute.layer(yield* Backend)
    return { probe: { tensors: yield* trained.pipe(Effect.scoped, Effect.provide(layer)) } }
  })
})

export default linearProbe
