/** Format: the version of the codec that writes each output. */
import { codecVersions } from "../../artifacts/codecs/versions.ts"
import type { Components } from "../../artifacts/NodeRecord.ts"
import type { Reason } from "../plan/Reason.ts"
import { changed, changedKeys } from "../plan/Reason.ts"
import type { Stage } from "../Stage.ts"

const formats = new WeakMap<Stage, Components["format"]>()

/** Once a stage: a graph may hold a hundred thousand nodes of it. */
export const formatOf = (stage: Stage): Components["format"] => {
  const known = formats.get(stage)
  if (known !== undefined) return known
  const format = Object.fromEntries(
    Object.entries(stage.outputs).map(([output, kind]) => [
      output,
      `${kind.format}@${codecVersions[kind.format]}`
    ])
  )
  formats.set(stage, format)
  return format
}

export const diffFormat = (from: Components["format"], to: Components["format"]): ReadonlyArray<Reason> =>
  changedKeys(from, to, (output, before, after) => changed("format", output, before, after))
