/** Files outside the store that a stage says it reads: they are inputs by content, never by folder or time. */
import { basename, isAbsolute, resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { hashFile, writeMark } from "../../artifacts/files/hashFile.ts"
import type { Components } from "../../artifacts/NodeRecord.ts"
import { InputError } from "../../schemas/errors.ts"
import type { Node } from "../Pipeline.ts"

/** Hashes of files while one study is planned and run: a file is read again only if it was written to since. */
export class FileHashes {
  readonly #known = new Map<string, { readonly mark: string; readonly hash: Promise<string> }>()

  /** Rejects with `NotReadable`. */
  hash(path: string): Promise<string> {
    const full = resolve(path)
    const mark = writeMark(full)
    const known = this.#known.get(full)
    if (known?.mark === mark) return known.hash
    const hash = hashFile(full)
    this.#known.set(full, { mark, hash })
    return hash
  }
}

const where = (node: Node): string => `node ${node.name} (stage ${node.stage.id})`

/** The paths that the node's stage declares, as it wrote them, each once. Asked anew each time: they may depend on a folder. */
export const declaredPaths = (node: Node): Effect.Effect<ReadonlyArray<string>, InputError> => {
  const { files, params } = node.stage
  if (files === undefined) return Effect.succeed([])
  return Effect.try({
    try: () => {
      const decoded = Schema.decodeUnknownExit(params as unknown as Schema.Codec<unknown, unknown>)(
        node.params
      )
      if (Exit.isFailure(decoded)) throw new Error("its parameters cannot be decoded")
      const given: unknown = files(decoded.value as never)
      if (!Array.isArray(given)) throw new Error("`files` returned no list")
      const paths: ReadonlyArray<string> = [...new Set(given)]
      if (paths.some((path) => typeof path !== "string" || path === ""))
        throw new Error("a path must be a text that is not empty")
      return paths
    },
    catch: (error) =>
      error instanceof InputError
        ? error
        : new InputError({
            what: `'${node.name}' does not say which files it reads: ${error instanceof Error ? error.message : String(error)}.`,
            where: where(node),
            expected: "the stage's `files` to return a list of paths",
            next: "correct the stage, or its parameters"
          })
  })
}

/**
 * What records call a file: its path as the stage wrote it, or the name alone where that is absolute, since a result does
 * not depend on the folder. Files of one name are told apart by a number.
 */
export const fileKeys = (paths: ReadonlyArray<string>): ReadonlyArray<string> => {
  const seen = new Set<string>()
  return paths.map((path) => {
    const name = isAbsolute(path) ? `…/${basename(path)}` : path
    let key = `file:${name}`
    for (let i = 2; seen.has(key); i++) key = `file:${name} (${i})`
    seen.add(key)
    return key
  })
}

/** A declared file that cannot be read: bad input. */
export const unreadableFile = (node: Node, path: string, error: unknown): InputError =>
  new InputError({
    what: `'${node.name}' cannot read ${path}: ${error instanceof Error ? error.message : String(error)}.`,
    where: where(node),
    expected: "a file that can be read",
    next: "correct the path, which is taken from the folder the command is run in"
  })

/** `file:<path>` → SHA-256 of its content. A file that cannot be read is bad input, told before anything runs. */
export const fileInputs = Effect.fnUntraced(function* (
  node: Node,
  hashes: FileHashes
): Effect.fn.Return<Components["inputs"], InputError> {
  const paths = yield* declaredPaths(node)
  const keys = fileKeys(paths)
  const inputs: { [input: string]: string } = {}
  for (const [i, path] of paths.entries()) {
    inputs[keys[i]!] = yield* Effect.tryPromise({
      try: () => hashes.hash(path),
      catch: (error) => unreadableFile(node, path, error)
    })
  }
  return inputs
})
