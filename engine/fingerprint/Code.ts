/**
 * Hashes of code. A stage's code is the module it is defined in and every local module reached from there by static or
 * dynamic imports with a literal name, the files named by `new URL("./file", import.meta.url)`, and the exact versions
 * of the npm packages imported on the way. Comments, formatting and types do not count; everything else does.
 */
import { fileURLToPath } from "node:url"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { InputError } from "../../schemas/errors.ts"
import type { Components } from "../../artifacts/NodeRecord.ts"
import { Closures } from "./code/Closure.ts"

export type CodeClosure = Components["code"]

export class Code extends Context.Service<
  Code,
  {
    /** The closure of a module, by its `file:` URL. Each file is read at most once a process. */
    readonly closure: (source: string) => Effect.Effect<CodeClosure, InputError>
  }
>()("asterism/Code") {
  /** `cache` is a folder for what was learnt about files, by content; it may be deleted at any time. */
  static readonly layer = (options: { readonly cache: string | null }): Layer.Layer<Code> =>
    Layer.sync(Code, () => {
      const closures = new Closures(options.cache)
      const known = new Map<string, Effect.Effect<CodeClosure, InputError>>()
      return {
        closure: (source) => {
          // Every node of a large graph asks; all but the first ask for a value.
          const already = known.get(source)
          if (already !== undefined) return already
          return Effect.tryPromise({
            try: () => closures.closure(fileURLToPath(source)),
            catch: (error) => unreadable(source, error)
          }).pipe(Effect.tap((closure) => Effect.sync(() => void known.set(source, Effect.succeed(closure)))))
        }
      }
    })
}

const unreadable = (source: string, error: unknown): InputError =>
  new InputError({
    what: `The code of a stage cannot be read: ${String(error instanceof Error ? error.message : error).trim()}.`,
    where: source,
    expected: "a module on disk",
    next: "a stage's `source` is the URL of the module that defines it"
  })
