/**
 * Files that are there whole or not at all, also after a power cut: written under another name in the store's `tmp/`,
 * flushed, renamed, and the folder flushed. Flushes of files that belong together run at the same time.
 */
import { createHash, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { dirname, join } from "node:path"
import { errnoOf } from "../failures.ts"
import { isAlive, ownIdentity } from "./processIdentity.ts"

/** A name in `tmp/` that tells whose it is. */
export const temporaryPath = (tmp: string): string => {
  const { machine, pid, started } = ownIdentity()
  return join(tmp, `${short(machine)}-${pid}-${started}-${randomBytes(8).toString("hex")}`)
}

const shortened = new Map<string, string>()
const short = (machine: string): string => {
  const known = shortened.get(machine)
  if (known !== undefined) return known
  const text = createHash("sha256").update(machine).digest("hex").slice(0, 8)
  shortened.set(machine, text)
  return text
}

/** One file of a group: its bytes are already at `from`. */
export interface Move {
  readonly from: string
  readonly to: string
}

/**
 * Makes files durable and visible, in the order given. When it returns, all of them survive a power cut. Groups are
 * small, so the flushes are started together and awaited together.
 */
export const publish = async (moves: ReadonlyArray<Move>): Promise<void> => {
  await Promise.all(moves.map(({ from }) => flush(from)))
  const folders = new Set<string>()
  for (const { from, to } of moves) {
    const folder = dirname(to)
    // A new folder is itself an entry of its parent.
    if (renameInto(from, to, folder)) folders.add(dirname(folder))
    folders.add(folder)
  }
  await Promise.all([...folders].map(flush))
}

/** Writes bytes to a temporary file; the caller publishes it. */
export const writeTemporary = (tmp: string, bytes: string | Uint8Array): string => {
  const path = temporaryPath(tmp)
  try {
    fs.writeFileSync(path, bytes, { flag: "wx" })
  } catch (error) {
    fs.rmSync(path, { force: true })
    throw error
  }
  return path
}

/** Whether the folder had to be made. */
const renameInto = (from: string, to: string, folder: string): boolean => {
  try {
    fs.renameSync(from, to)
    return false
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || fs.existsSync(folder)) throw error
    fs.mkdirSync(folder, { recursive: true })
    fs.renameSync(from, to)
    return true
  }
}

const flush = (path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const file = fs.openSync(path, "r")
    fs.fsync(file, (error) => {
      fs.closeSync(file)
      // Some network file systems cannot flush a folder; the rename is then as durable as they make it.
      if (error === null || error === undefined || error.code === "EINVAL") resolve()
      else reject(error)
    })
  })

const week = 7 * 24 * 3600 * 1000

/** Removes what processes of this machine that are gone left in `tmp/`, and whatever is older than a week. */
export const sweep = (tmp: string, now: number): void => {
  for (const name of fs.readdirSync(tmp)) {
    const path = join(tmp, name)
    const age = now - (fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now)
    if (isOrphan(name) || age > week) fs.rmSync(path, { recursive: true, force: true })
  }
}

const isOrphan = (name: string): boolean => {
  const [machine, pid, started] = name.split("-")
  const own = ownIdentity()
  return (
    machine === short(own.machine) &&
    started !== undefined &&
    isAlive({ ...own, pid: Number(pid), started }) === false
  )
}
