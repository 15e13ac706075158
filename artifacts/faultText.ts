/**
 * What a message of ours says of an error that is not ours: the system's reason where it is the system's, a sentence given
 * by the caller where it comes from the engine or a library, whose own texts ("Invalid typed array length: -5") say nothing
 * to a user. `ASTERISM_DEBUG=1` adds those texts, for finding mistakes.
 */
import { getSystemErrorMap } from "node:util"

/** Half a sentence: "permission denied (EACCES)", or `otherwise`. */
export const faultText = (error: unknown, otherwise: string): string =>
  `${systemText(error) ?? memoryText(error) ?? otherwise}${debugText(error)}`

const systemText = (error: unknown): string | undefined => {
  // zlib has numbers of its own, and no call of the system's.
  if (!(error instanceof Error) || !("syscall" in error && "errno" in error)) return undefined
  if (typeof error.errno !== "number") return undefined
  const [name, text] = getSystemErrorMap().get(error.errno) ?? []
  return name === undefined ? undefined : `${text} (${name})`
}

/** What the engine throws where it cannot hold what it is asked to. */
const tooMuch =
  /^(Array buffer allocation failed|Cannot create a string longer|Invalid (string|array) length)/

const memoryText = (error: unknown): string | undefined =>
  error instanceof Error && tooMuch.test(error.message)
    ? "it asks for more memory than there is, or than one value may take"
    : undefined

export const debugText = (error: unknown): string =>
  (process.env.ASTERISM_DEBUG ?? "") === ""
    ? ""
    : ` [${error instanceof Error ? (error.stack ?? error.message) : String(error)}]`
