/** Numerics: what the numbers of a computing stage depend on besides its code. Given by the caller (see `Study`). */
import type { Components } from "../../artifacts/NodeRecord.ts"
import type { Reason } from "../plan/Reason.ts"
import { changed, changedKeys } from "../plan/Reason.ts"

export const diffNumerics = (
  from: Components["numerics"],
  to: Components["numerics"]
): ReadonlyArray<Reason> =>
  changedKeys(from ?? {}, to ?? {}, (name, before, after) => changed("numerics", name, before, after))
