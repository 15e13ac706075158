/** A child process of a run: rebuilds the graph its parent runs and computes one node. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { workerMain } from "../engine/run/worker.ts"
import { InputError } from "../schemas/errors.ts"
import type { Modules } from "./modules.ts"
import { UserModules } from "./modules.ts"
import { storeServices } from "./services.ts"
import { StudyRequest, buildGraph } from "./study.ts"

const ChildRequest = Schema.Struct({ study: StudyRequest, root: Schema.String })

export const child = (modules: Modules): Promise<never> =>
  Effect.runPromise(
    workerMain((request) =>
      Effect.gen(function* () {
        const { study, root } = yield* Schema.decodeUnknownEffect(ChildRequest)(request).pipe(
          Effect.mapError(
            (error) =>
              new InputError({ what: `A child process got a request it cannot read: ${error.message}.` })
          )
        )
        const graph = yield* buildGraph(study).pipe(Effect.provideService(UserModules, modules))
        return { graph, services: storeServices(root) }
      })
    )
  )
