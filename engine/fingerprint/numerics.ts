/**
 * Numerics: what a stage's numbers depend on besides its code. Of a stage that computes on a backend they are given by the
 * caller (see `Study`), of one with kernels of its own they are the processor's.
 */
import * as Effect from "effect/Effect"
import type { Components } from "../../artifacts/NodeRecord.ts"
import { kernelNumerics } from "../../compute/kernels/numerics.ts"
import { fusedMultiplyAdd, instructionSet } from "../../compute/processor.ts"
import { StageFailure } from "../../schemas/errors.ts"
import type { Reason } from "../plan/Reason.ts"
import { changed, changedKeys } from "../plan/Reason.ts"
import type { Stage } from "../Stage.ts"
import type { Numerics } from "../Study.ts"

export const numericsOf = (
  stage: Pick<Stage, "compute" | "kernels">,
  given: Numerics | null
): Numerics | null => {
  const computed = stage.compute ? given : null
  return stage.kernels ? { ...kernelNumerics(), ...computed } : computed
}

/**
 * Fails where the process that is to run a node differs from what its fingerprint says of the processor: another machine,
 * or other flags of the engine than the process that made the fingerprint.
 */
export const sameProcessor = (numerics: Components["numerics"]): Effect.Effect<void, StageFailure> =>
  Effect.suspend(() => {
    const { family, fma, instructionSet: set } = numerics ?? {}
    const found = [
      ...(fma === undefined || fma === fusedMultiplyAdd() ? [] : [["multiply-add", fusedMultiplyAdd(), fma]]),
      ...(family !== "onnx" || set === undefined || set === instructionSet()
        ? []
        : [["instruction set", instructionSet(), set]])
    ]
    return found.length === 0
      ? Effect.void
      : new StageFailure({
          what: found
            .map(
              ([what, here, there]) => `The ${what} is ${here} here, and ${there} where the run was planned.`
            )
            .join(" "),
          next: "run where it is planned, with the same options of Node"
        })
  })

export const diffNumerics = (
  from: Components["numerics"],
  to: Components["numerics"]
): ReadonlyArray<Reason> =>
  changedKeys(from ?? {}, to ?? {}, (name, before, after) => changed("numerics", name, before, after))
