/**
 * Files that are there whole or not at all, also after a power cut: written under another name in the store's `tmp/`,
 * flushed, renamed, and the folder flushed. Flushes of files that belong together run at the same time.
 */
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { dirname, join } from "node:path"
import { errnoOf } from "../failures.ts"
import { presenceOf } from "./presence.ts"
import { ownerKey, ownIdentity } from "./processIdentity.ts"

/**
 * A name in `tmp/` that tells whose it is: what a process that is gone left there is swept (sweep.ts). Whoever has files
 * there is present in the store.
 */
export const temporaryPath = (tmp: string): string => {
  try {
    presenceOf(dirname(tmp)).show()
  } catch {
    // The file itself will not be written either, and that is told.
  }
  return newName(tmp)
}

const newName = (tmp: string): string =>
  join(tmp, `${ownerKey(ownIdentity())}-${randomBytes(8).toString("hex")}`)

/** The time by the store's file system, looked up once when first asked for; undefined where nothing can be written. */
export const fileSystemNow = (tmp: string): (() => number | undefined) => {
  let known: { readonly time: number | undefined } | undefined
  return () => (known ??= { time: stamp(tmp) }).time
}

const stamp = (tmp: string): number | undefined => {
  try {
    const path = newName(tmp)
    fs.writeFileSync(path, "", { flag: "wx" })
    try {
      return fs.statSync(path).mtimeMs
    } finally {
      remove(path)
    }
  } catch {
    return undefined
  }
}

/** A file in `tmp/` that this process wrote and still has open. */
export interface Written {
  readonly path: string
  readonly file: number
}

/** One file of a group: its bytes are already in `from`. */
export interface Move {
  readonly from: Written
  readonly to: string
}

/**
 * Makes files durable and visible, in the order given. When it returns, all of them survive a power cut. Groups are
 * small, so the flushes are started together and awaited together. What it is given is closed, and moved or removed.
 */
export const publish = async (moves: ReadonlyArray<Move>): Promise<void> => {
  const left = new Set(moves.map(({ from }) => from.path))
  try {
    await Promise.all(moves.map(({ from }) => flush(from.file)))
    const folders = new Set<string>()
    for (const { from, to } of moves) {
      const folder = dirname(to)
      // A new folder is itself an entry of its parent.
      if (renameInto(from.path, to, folder)) folders.add(dirname(folder))
      left.delete(from.path)
      folders.add(folder)
    }
    await Promise.all([...folders].map((folder) => flush(fs.openSync(folder, "r"))))
  } finally {
    for (const path of left) remove(path)
  }
}

/** Writes bytes to a temporary file; the caller publishes it. */
export const writeTemporary = (tmp: string, bytes: string | Uint8Array): Written => {
  const path = temporaryPath(tmp)
  const file = fs.openSync(path, "wx")
  try {
    fs.writeFileSync(file, bytes)
  } catch (error) {
    fs.closeSync(file)
    remove(path)
    throw error
  }
  return { path, file }
}

/** Removes a file, if it is there. */
export const remove = (path: string): void => {
  try {
    fs.unlinkSync(path)
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error
  }
}

/** Folders that were there: most renames need no look. */
const seen = new Set<string>()

/** Whether the folder had to be made. */
const renameInto = (from: string, to: string, folder: string): boolean => {
  const made = !seen.has(folder) && !fs.existsSync(folder)
  if (made) fs.mkdirSync(folder, { recursive: true })
  seen.add(folder)
  try {
    fs.renameSync(from, to)
    return made
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || fs.existsSync(folder)) throw error
    // Removed since.
    fs.mkdirSync(folder, { recursive: true })
    fs.renameSync(from, to)
    return true
  }
}

/** Closes it. */
const flush = (file: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fs.fsync(file, (error) => {
      fs.closeSync(file)
      // Some network file systems cannot flush a folder; the rename is then as durable as they make it.
      if (error === null || error === undefined || error.code === "EINVAL") resolve()
      else reject(error)
    })
  })
