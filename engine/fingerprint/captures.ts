/** Captures: the values from outside its module that a stage's function uses and declares. They count as code does. */
import type { Components } from "../../artifacts/NodeRecord.ts"
import type { Reason } from "../plan/Reason.ts"
import type { Stage } from "../Stage.ts"
import { differences } from "./params.ts"

/** Nothing where nothing is captured: a stage that says so is the same as one that says nothing. */
export const capturesOf = ({ captures }: Stage): Pick<Components, "captures"> =>
  captures === undefined || Object.keys(captures).length === 0 ? {} : { captures }

export const diffCaptures = (
  from: Components["captures"],
  to: Components["captures"]
): ReadonlyArray<Reason> => differences("captures", from ?? {}, to ?? {}, "")
