/**
 * Where compiled programs are kept: a folder of the user's own, that nobody else can write to. What lies there is run, so a
 * folder that somebody else may have filled is never used.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { dirname, isAbsolute, join } from "node:path"
import { UsageError } from "./UsageError.mjs"

const userId = () => process.getuid?.()

/** A sentence about what is wrong with a folder that must be ours alone, or undefined. */
const fault = (path) => {
  const stat = lstatSync(path)
  const uid = userId()
  if (stat.isSymbolicLink()) return "it is a link"
  if (!stat.isDirectory()) return "it is not a folder"
  if (uid === undefined) return undefined
  if (stat.uid !== uid) return `it belongs to user ${stat.uid}, not to you (${uid})`
  if ((stat.mode & 0o077) !== 0)
    return `others may use it (mode ${(stat.mode & 0o777).toString(8)}, expected 700)`
  return undefined
}

const refuse = (path, why) =>
  new UsageError(
    `asterism: the folder for compiled programs is not safe: ${why}. Where: ${path}. Expected: a folder that only you can use (mode 700). Next: remove it with 'rm -rf ${path}', or set XDG_CACHE_HOME to a folder of your own, and run the command again.`
  )

const cacheHome = () => {
  const set = process.env.XDG_CACHE_HOME
  if (set !== undefined && isAbsolute(set)) return set
  const home = homedir()
  return home === "" ? undefined : join(home, ".cache")
}

/** As `mkdir -p`; Node's own goes round for ever below `/proc`. */
const makeFolders = (path) => {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeFolders(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (error.code !== "EEXIST") throw error
  }
}

/** `<cache home>/asterism`, made where it is not there; undefined where it cannot be made or written. */
const homeFolder = () => {
  const home = cacheHome()
  if (home === undefined) return undefined
  const path = join(home, "asterism")
  let made = false
  try {
    makeFolders(home)
    try {
      mkdirSync(path, { mode: 0o700 })
      made = true
    } catch (error) {
      if (error.code !== "EEXIST") throw error
    }
  } catch {
    return undefined
  }
  // A umask may have taken bits away; none was added.
  if (made) chmodSync(path, 0o700)
  const wrong = fault(path)
  if (wrong !== undefined) throw refuse(path, wrong)
  return path
}

/**
 * The folder, and whether it goes when the command ends: where the user has no home to write to, a command compiles for
 * itself in a new folder with a name nobody could know.
 */
export const cacheFolder = () => {
  const path = homeFolder()
  if (path !== undefined) return { path, passing: false }
  let passing
  try {
    passing = mkdtempSync(join(tmpdir(), "asterism-program-"))
    chmodSync(passing, 0o700)
  } catch (error) {
    throw new UsageError(
      `asterism: no folder can be written for the compiled program (${error.message}). Next: set XDG_CACHE_HOME or TMPDIR to a folder of your own and run the command again.`
    )
  }
  process.on("exit", () => rmSync(passing, { recursive: true, force: true }))
  return { path: passing, passing: true }
}
