/** An object's manifest as a file: read whole and right, or not at all. */
import * as fs from "node:fs"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { corrupt, isDamage, messageOf, mismatch, unreadable } from "../failures.ts"
import { Manifest } from "../Manifest.ts"
import { isId, type Layout, manifestPath, safeExtension } from "./layout.ts"
import { checkSum, withSum } from "./sums.ts"

const decode = Schema.decodeUnknownOption(Manifest)

export const manifestText = (manifest: Manifest): string => withSum(manifest.digest, manifest)

/** Throws `ArtifactError`: missing, corrupt (also where it cannot be read for what it is), or unreadable. */
export const readManifest = (layout: Layout, digest: string): Manifest => {
  const path = manifestPath(layout, digest)
  if (!isId(digest)) throw mismatch(digest, "An artifact's name has 64 hexadecimal digits.")
  let text: string
  try {
    text = fs.readFileSync(path, "utf8")
  } catch (error) {
    throw isDamage(error)
      ? corrupt(path, `its manifest cannot be read (${messageOf(error)})`)
      : unreadable(path)(error)
  }
  const manifest = parseManifest(digest, text)
  if (manifest === undefined) throw corrupt(path, "its manifest cannot be read")
  return manifest
}

/** Undefined where the text is not this object's manifest as it was written. */
export const parseManifest = (digest: string, text: string): Manifest | undefined => {
  const manifest = Option.getOrUndefined(decode(checkSum(digest, text)))
  return manifest?.digest === digest && isPlausible(manifest) ? manifest : undefined
}

/** What the codecs and paths rely on; a manifest without a sum may say anything. */
const isPlausible = ({ bytes, rows, dims, extension }: Manifest): boolean =>
  bytes >= 0 &&
  (rows === null || rows >= 0) &&
  (dims === null || dims >= 0) &&
  (extension === "" || safeExtension(extension) === extension)
