/** A pipeline for the engine's bench: `nodes` stages that each make one number, and one that sums them all. */
import { Kind, Pipeline, Stage } from "asterism"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Value = Kind.json("BenchValue", { description: "One number.", schema: Schema.Finite })

const make = Stage.make("bench/make", {
  description: "Makes one number.",
  source: import.meta.url,
  params: Schema.Struct({ index: Schema.Int }),
  inputs: {},
  outputs: { value: Value },
  run: ({ params }) => Effect.succeed({ value: params.index })
})

const sum = Stage.make("bench/sum", {
  description: "Sums numbers.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { values: Stage.each(Value) },
  outputs: { value: Value },
  run: Effect.fn("bench/sum")(function* ({ inputs }) {
    let value = 0
    for (const { artifact } of inputs.values) value += yield* artifact.read
    return { value }
  })
})

export default Pipeline.make(
  "flat",
  {
    description: "Many trivial nodes and their sum.",
    params: Schema.Struct({ nodes: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(200))) })
  },
  function* (p, { nodes }) {
    const values: { [name: string]: Pipeline.Handle<typeof Value> } = {}
    for (let index = 0; index < nodes; index++) {
      const made = yield* p.stage(`make/${index}`, make, { params: { index } })
      values[`v${index}`] = made.value
    }
    yield* p.stage("sum", sum, { inputs: { values } })
  }
)
