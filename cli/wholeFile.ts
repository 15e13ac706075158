/**
 * Writes a file that is there whole or not at all: beside its final name first, then renamed, so that nobody opens half a
 * page and another name (a hard link) of the file that was there keeps its bytes.
 */
import { lstatSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { randomBytes } from "node:crypto"
import { errnoOf } from "../artifacts/failures.ts"

/** The file behind a link; what is no file (a pipe, `/dev/stdout`) is written in place. */
const place = (path: string): { readonly path: string; readonly inPlace: boolean } => {
  try {
    const target = lstatSync(path).isSymbolicLink() ? realpathSync(path) : path
    return { path: target, inPlace: !lstatSync(target).isFile() }
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error
    return { path, inPlace: false }
  }
}

/** `temporary` must lie on the same file system; by default a name beside the file. Throws what the system says. */
export const writeWhole = (path: string, data: string | Uint8Array, temporary?: string): void => {
  const target = place(path)
  if (target.inPlace) return writeFileSync(target.path, data)
  const beside =
    temporary ?? `${target.path}.${process.pid.toString(36)}${randomBytes(4).toString("hex")}.tmp`
  try {
    writeFileSync(beside, data, { flag: "wx" })
    renameSync(beside, target.path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}
