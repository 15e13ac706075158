/** The pin of a file or folder of the user's: a SHA-256 typed by hand, which what is there must match. */
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { hashFile } from "../../artifacts/files/hashFile.ts"
import { InputError } from "../../schemas/errors.ts"

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** SHA-256 of a file, or of the hashes and names of a folder's files in name order. Rejects where one cannot be read. */
export const contentHash = async (path: string): Promise<string> => {
  if (!isFolder(path)) return hashFile(path)
  const hash = createHash("sha256")
  for (const name of readdirSync(path).sort())
    hash.update(`${await contentHash(join(path, name))}  ${name}\n`)
  return hash.digest("hex")
}

/** Every file that `contentHash` reads, in that order. */
export const filesBelow = (path: string): ReadonlyArray<string> =>
  isFolder(path)
    ? readdirSync(path)
        .sort()
        .flatMap((name) => filesBelow(join(path, name)))
    : [path]

/** Refuses content that does not have the hash `pin`; an empty pin takes any. `param` is the parameter that holds it. */
export const checkPin = (path: string, pin: string, param: string): Effect.Effect<void, InputError> =>
  pin === ""
    ? Effect.void
    : Effect.tryPromise({
        try: () => contentHash(path),
        catch: (error) =>
          new InputError({
            what: `The file cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
            where: path
          })
      }).pipe(
        Effect.flatMap((found) =>
          found === pin.toLowerCase()
            ? Effect.void
            : Effect.fail(
                new InputError({
                  what: "The file is not the one that was pinned.",
                  where: path,
                  expected: `SHA-256 ${pin}, found ${found}`,
                  next: `--set <node>.${param}=${found}  # if this is the file you mean; or leave the pin out`
                })
              )
        )
      )
