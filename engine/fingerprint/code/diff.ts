/** Code: the stage's local import closure and the packages it imports (see `Code`). */
import type { Components } from "../../../artifacts/NodeRecord.ts"
import type { Reason } from "../../plan/Reason.ts"
import { because, changed, changedKeys } from "../../plan/Reason.ts"

export const diffCode = (from: Components["code"], to: Components["code"]): ReadonlyArray<Reason> =>
  from.hash === to.hash
    ? []
    : [
        ...changedKeys(from.files, to.files, (file, before, after) =>
          because(
            "code",
            file,
            `${file} ${before === undefined ? "added" : after === undefined ? "no longer used" : "changed"}`,
            before ?? null,
            after ?? null
          )
        ),
        ...changedKeys(from.packages, to.packages, (name, before, after) =>
          changed("code", `package ${name}`, before, after)
        )
      ]
