/** Turns what the file system and the codecs throw into errors that say what to do. */
import { ArtifactError, InputError } from "../schemas/errors.ts"
import { faultText } from "./faultText.ts"

/** The `code` of a Node.js system error, such as `ENOSPC`; undefined for anything else. */
export const errnoOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined

/**
 * Whether a file cannot be read for what it is: no right to, a link to itself, a folder in its place, a failing disk. It
 * is then treated as a damaged one. Other errors (too many open files, say) say nothing of the file.
 */
export const isDamage = (error: unknown): boolean => damage.has(errnoOf(error) ?? "")

const damage = new Set(["EACCES", "EPERM", "ELOOP", "EISDIR", "EIO", "ENOTDIR", "ENXIO", "EINVAL", "EUCLEAN"])

/** Half a sentence about an error of the file system. */
export const messageOf = (error: unknown): string =>
  faultText(error, "it does not have the form that it was written in")

/** For `catch` while writing: errors of ours pass as they are, a full disk is named as such. */
export const writeFailure =
  (path: string) =>
  (error: unknown): ArtifactError | InputError => {
    if (error instanceof ArtifactError || error instanceof InputError) return error
    return unwritable(path)(error)
  }

/** As `writeFailure`, for operations that validate nothing. */
export const unwritable =
  (path: string) =>
  (error: unknown): ArtifactError => {
    if (error instanceof ArtifactError) return error
    switch (errnoOf(error)) {
      case "ENOSPC":
      case "EDQUOT":
        return new ArtifactError({
          reason: "full-disk",
          path,
          detail: "The disk is full; nothing that was finished is lost.",
          next: "free some space (`asterism gc` removes what no recent run needs) or choose another disk with --store, then run the same command again"
        })
      case "EFBIG":
        return new ArtifactError({
          reason: "full-disk",
          path,
          detail:
            "The file grew past what this disk or this user's limit (`ulimit -f`) allows; nothing that was finished is lost.",
          next: "raise the limit or choose another disk with --store, then run the same command again"
        })
      case "EACCES":
      case "EPERM":
      case "EROFS":
        return new ArtifactError({
          reason: "unwritable",
          path,
          detail: `The store cannot be written (${messageOf(error)}).`,
          next: "make the folder writable for this user, or choose another one with --store"
        })
      default:
        return new ArtifactError({
          reason: "unwritable",
          path,
          detail: `The store could not be written (${messageOf(error)}).`
        })
    }
  }

/** For `catch` while reading. */
export const unreadable =
  (path: string) =>
  (error: unknown): ArtifactError => {
    if (error instanceof ArtifactError) return error
    if (errnoOf(error) === "ENOENT")
      return new ArtifactError({
        reason: "missing",
        path,
        detail: "The artifact is not in the store.",
        next: whereFrom(undefined)
      })
    return new ArtifactError({
      reason: "unreadable",
      path,
      detail: `The artifact could not be read (${messageOf(error)}).`
    })
  }

/** How to get an artifact again: the nodes of a pipeline make theirs anew, an imported one has none. */
export const whereFrom = (imported: boolean | undefined): string =>
  imported === true
    ? "import the file again: no pipeline makes this artifact"
    : `run the pipeline again: nodes whose outputs are missing are computed anew${imported === false ? "" : " (if it was imported, import the file again)"}`

/** The bytes do not have the form that the codec wrote: damage, or a file of another format. */
export const corrupt = (path: string, detail: string): ArtifactError =>
  new ArtifactError({
    reason: "corrupt",
    path,
    detail: `The artifact is damaged: ${detail}.`,
    next: "run `asterism verify`, which sets damaged artifacts aside, then run the pipeline again"
  })

/** For `catch` in a codec: what the system says of the file, or damage where the bytes do not make sense. */
export const undecodable =
  (path: string) =>
  (error: unknown): ArtifactError =>
    error instanceof RangeError || error instanceof TypeError
      ? corrupt(path, isOurs(error) ? error.message : "its bytes do not have the form that was written")
      : unreadable(path)(error)

/** Codecs name a fault by a RangeError in small letters; the engine's own begin with a capital, or name a typed array. */
const isOurs = (error: Error): boolean =>
  error instanceof RangeError && /^(?!start offset|byte length|offset is)[a-z0-9]/.test(error.message)

/** A value that does not fit its kind: a mistake of the stage that returned it. */
export const mismatch = (path: string, detail: string): ArtifactError =>
  new ArtifactError({ reason: "mismatch", path, detail })
