/**
 * Numerics: what a stage's numbers depend on besides its code. Of a stage that computes on a backend they are given by the
 * caller (see `Study`), of one with kernels of its own they are the processor's.
 */
import type { Components } from "../../artifacts/NodeRecord.ts"
import { kernelNumerics } from "../../compute/kernels/numerics.ts"
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

export const diffNumerics = (
  from: Components["numerics"],
  to: Components["numerics"]
): ReadonlyArray<Reason> =>
  changedKeys(from ?? {}, to ?? {}, (name, before, after) => changed("numerics", name, before, after))
