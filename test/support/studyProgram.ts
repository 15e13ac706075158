/**
 * What a program of the tests does with a study of its own, so that it can be killed: `run` runs it and prints its events,
 * `worker` is the process of an isolated node. The third argument is the program's configuration as JSON.
 */
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { FileStore } from "../../artifacts/store/FileStore.ts"
import { local } from "../../engine/executors/local.ts"
import { Code } from "../../engine/fingerprint/Code.ts"
import * as Pipeline from "../../engine/Pipeline.ts"
import { run } from "../../engine/run/run.ts"
import { workerMain } from "../../engine/run/worker.ts"
import type { BackendChoice } from "../../engine/services/Backend.ts"

/** Never returns to the caller of the program: it ends the process. */
export const studyProgram = async (
  pipeline: Pipeline.Pipeline,
  options: {
    readonly folder: string
    readonly keepGoing?: boolean
    readonly backend: BackendChoice["backend"]
  }
): Promise<void> => {
  const { folder, keepGoing = false, backend } = options
  const services = Layer.mergeAll(
    FileStore.layer(join(folder, "store")),
    Code.layer({ cache: join(folder, "cache") }),
    NodeServices.layer
  )
  const built = pipeline.build(Pipeline.noOverrides)
  if (process.argv[2] === "worker") {
    Effect.runFork(workerMain(() => Effect.map(built, (graph) => ({ graph, services }))))
    return
  }
  const result = await Effect.runPromise(
    Effect.gen(function* () {
      const graph = yield* built
      return yield* run(
        { graph, seed: "7", backend: { backend, device: "cpu" }, numerics: Effect.succeed({}) },
        {
          executor: local({
            jobs: 2,
            worker: {
              command: process.execPath,
              args: [process.argv[1]!, "worker", process.argv[3]!],
              request: {}
            }
          }),
          command: ["asterism", "run", pipeline.name],
          versions: {},
          keepGoing,
          checkpointSeconds: 0.02,
          onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`)
        }
      )
    }).pipe(Effect.provide(services))
  )
  process.exit(result.exitCode)
}
