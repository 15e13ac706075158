/**
 * Holds a running node to the files its fingerprint was made from: they are hashed when the stage starts and again when it
 * is done, and were not written to in between. A state is saved, and a record written, only while that is so.
 */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import { hashFile, writeMark } from "../../artifacts/files/hashFile.ts"
import type { Components } from "../../artifacts/NodeRecord.ts"
import { InputError } from "../../schemas/errors.ts"
import { declaredPaths, fileKeys } from "../fingerprint/files.ts"
import type { Node } from "../Pipeline.ts"

export interface DeclaredFiles {
  /** What a look at the files' sizes and times tells, without reading them. */
  readonly problem: () => InputError | undefined
  /** Reads and hashes them again. */
  readonly check: Effect.Effect<void, InputError>
}

const none: DeclaredFiles = { problem: () => undefined, check: Effect.void }

const changes = new WeakSet<object>()

/** Whether an error says that a declared file is not what it was. */
export const isFileChange = (error: unknown): boolean =>
  typeof error === "object" && error !== null && changes.has(error)

const changed = (node: Node, path: string, what: string): InputError => {
  const error = new InputError({
    what: `The file ${path}, which '${node.name}' reads, ${what}, so that nothing was recorded.`,
    where: `node ${node.name} (stage ${node.stage.id})`,
    next: "leave the file alone while it is read, and run the same command again"
  })
  changes.add(error)
  return error
}

/** Fails where the files are not those of `inputs`, the node's component of that name, any more. */
export const declaredFiles = Effect.fnUntraced(function* (
  node: Node,
  inputs: Components["inputs"]
): Effect.fn.Return<DeclaredFiles, InputError> {
  if (node.stage.files === undefined) return none
  const expected = new Map(Object.entries(inputs).filter(([key]) => key.startsWith("file:")))
  /** Fails at the first file that is not as it was when the node was planned. */
  const compare = Effect.fnUntraced(function* (when: string) {
    const now = yield* declaredPaths(node)
    const keys = fileKeys(now)
    for (const [i, path] of now.entries()) {
      // Never remembered: this is the look that must not be an old one.
      const found = yield* Effect.tryPromise({
        try: () => hashFile(resolve(path)),
        catch: (error) =>
          changed(
            node,
            path,
            `could not be read ${when} (${error instanceof Error ? error.message : String(error)})`
          )
      })
      const hash = expected.get(keys[i]!)
      if (hash === undefined) return yield* changed(node, path, `came to the files it names ${when}`)
      if (hash !== found) return yield* changed(node, path, `changed ${when}`)
    }
    for (const key of expected.keys())
      if (!keys.includes(key))
        return yield* changed(node, key.slice("file:".length), `left the files it names ${when}`)
  })
  const paths = yield* declaredPaths(node)
  const marks = paths.map(writeMark)
  yield* compare("after the node was planned")
  const problem = (): InputError | undefined => {
    const path = paths.find((each, i) => writeMark(each) !== marks[i])
    return path === undefined ? undefined : changed(node, path, "was written to while it ran")
  }
  return {
    problem,
    check: Effect.andThen(
      compare("while it ran"),
      Effect.suspend(() => {
        const found = problem()
        return found === undefined ? Effect.void : Effect.fail(found)
      })
    )
  }
})
