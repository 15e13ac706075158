/** What a stage's `resources` come to: numbers the scheduler compares with an executor's capacity. */
import * as ByteSize from "effect/ByteSize"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InputError } from "../../schemas/errors.ts"
import type { Capacity } from "../executors/Executor.ts"
import type { Node } from "../Pipeline.ts"
import type { BackendChoice } from "../services/Backend.ts"

export interface Needs extends Capacity {
  /** Null where there is no limit. */
  readonly timeoutSeconds: number | null
  readonly retries: number
}

const invalid = (node: Node, field: string, value: string, expected: string): InputError =>
  new InputError({
    what: `Stage ${node.stage.id} asks for ${field} '${value}', which is not ${expected}.`,
    where: `node ${node.name} (stage ${node.stage.id}, resources.${field})`,
    expected,
    next: "correct the stage's resources"
  })

/** A stage that computes on a graphics card needs one, whether or not it says so. */
export const needsOf = (node: Node, backend: BackendChoice): Effect.Effect<Needs, InputError> =>
  Effect.suspend(() => {
    const { resources, compute } = node.stage
    const memory = resources.memory === undefined ? Option.none() : ByteSize.fromString(resources.memory)
    if (resources.memory !== undefined && Option.isNone(memory))
      return Effect.fail(invalid(node, "memory", resources.memory, 'a size such as "2 GiB"'))
    const timeout =
      resources.timeout === undefined
        ? Option.none()
        : Duration.fromInput(resources.timeout as Duration.Input)
    if (resources.timeout !== undefined && Option.isNone(timeout))
      return Effect.fail(invalid(node, "timeout", resources.timeout, 'a time such as "2 hours"'))
    return Effect.succeed({
      cpu: resources.cpu ?? 1,
      memoryBytes: Option.isSome(memory) ? ByteSize.toNumberUnsafe(memory.value) : 0,
      gpu: resources.gpu ?? (compute && backend.device !== "cpu" ? 1 : 0),
      timeoutSeconds: Option.isSome(timeout) ? Duration.toMillis(timeout.value) / 1000 : null,
      retries: resources.retries ?? 0
    })
  })
