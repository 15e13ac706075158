/**
 * Hashes of code. A stage's code is the module it is defined in and every local module reached from there by static or
 * dynamic imports with a literal name, the files named by `new URL("./file", import.meta.url)`, and the exact versions
 * of the npm packages imported on the way. Comments, formatting and types do not count; everything else does.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { InputError } from "../../schemas/errors.ts"
import type { Components } from "../../artifacts/NodeRecord.ts"

export type CodeClosure = Components["code"]

export class Code extends Context.Service<
  Code,
  {
    /** The closure of a module, by its `file:` URL. Each file is read at most once a process. */
    readonly closure: (source: string) => Effect.Effect<CodeClosure, InputError>
  }
>()("asterism/Code") {
  /** `cache` is a folder for what was learnt about files, by content; it may be deleted at any time. */
  static readonly layer = (_options: { readonly cache: string | null }): Layer.Layer<Code> =>
    Layer.succeed(Code, { closure: () => Effect.die("not built yet") })
}
