/**
 * A small program with a study of its own, for tests that kill processes: `run` runs the study and prints its events,
 * `worker` is the process of an isolated node. The second argument is the configuration as JSON.
 */
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Pipeline from "../../../engine/Pipeline.ts"
import { Checkpoint } from "../../../engine/services/Checkpoint.ts"
import { Progress } from "../../../engine/services/Progress.ts"
import { Random } from "../../../engine/services/Random.ts"
import * as Stage from "../../../engine/Stage.ts"
import * as Kind from "../../../schemas/Kind.ts"
import { studyProgram } from "../../support/studyProgram.ts"

export interface Config {
  readonly folder: string
  readonly steps: number
  /** What the `odd` node does: nothing special, or ends its process in some way. */
  readonly odd: "fine" | "exit" | "abort" | "spin"
  readonly isolated: boolean
  readonly keepGoing: boolean
}

const Weights = Kind.json("Weights", {
  description: "What a training ends with.",
  schema: Schema.Array(Schema.Finite)
})

const config = JSON.parse(process.argv[3]!) as Config
const note = (line: string): void => appendFileSync(join(config.folder, "notes"), `${line}\n`)

/** A training whose end depends on every step: a chaotic map, advanced once a millisecond or so. */
const train = Stage.make("test/train", {
  description: "Trains something.",
  source: import.meta.url,
  params: Schema.Struct({ steps: Schema.Int }),
  inputs: {},
  outputs: { weights: Weights },
  random: true,
  isolated: config.isolated,
  run: Effect.fn("test/train")(function* ({ params }) {
    const checkpoint = yield* Checkpoint
    const progress = yield* Progress
    const { seed } = yield* Random
    const saved = yield* checkpoint.load
    const weights = Option.isSome(saved)
      ? (saved.value.tensors["weights"]!.data as Float64Array)
      : Float64Array.from(
          { length: 64 },
          (_, i) => Number.parseInt(seed.slice(i % 24, (i % 24) + 8), 16) / 2 ** 32
        )
    const first = Option.isSome(saved) ? Number(saved.value.metadata["step"]) : 0
    note(`train from ${first}`)
    for (let step = first; step < params.steps; step++) {
      yield* checkpoint.offer(() => ({
        tensors: { weights: { shape: [weights.length], data: weights } },
        metadata: { step: String(step) }
      }))
      for (let i = 0; i < weights.length; i++) weights[i] = 3.9 * weights[i]! * (1 - weights[i]!)
      yield* progress.report(step + 1, params.steps)
      yield* Effect.sleep(1)
    }
    return { weights: Array.from(weights) }
  })
})

const odd = Stage.make("test/odd", {
  description: "May end its process.",
  source: import.meta.url,
  params: Schema.Struct({ odd: Schema.String }),
  inputs: {},
  outputs: { weights: Weights },
  isolated: config.isolated,
  run: ({ params }) =>
    Effect.sync(() => {
      note("odd")
      if (params.odd === "exit") process.exit(3)
      if (params.odd === "abort") process.abort()
      if (params.odd === "spin") {
        note(`spinning ${process.pid}`)
        for (;;) Math.random()
      }
      return { weights: [1] }
    })
})

const pipeline = Pipeline.make("killed", { description: "A study to kill." }, function* (p) {
  yield* p.stage("odd", odd, { params: { odd: config.odd } })
  yield* p.stage("trained", train, { params: { steps: config.steps } })
})

await studyProgram(pipeline, { ...config, backend: "reference" })
