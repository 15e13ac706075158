/** Removes compiled programs that no command has used for two weeks. A program's folder is touched whenever it is used. */
import { readdirSync, rmSync, statSync, utimesSync } from "node:fs"
import { dirname, join } from "node:path"

const unused = 14 * 24 * 3600 * 1000
const day = 24 * 3600 * 1000

/** Notes that a program is in use, at most once a day. */
export const touch = (program) => {
  const now = new Date()
  for (const path of [program, dirname(program)]) {
    try {
      if (now - statSync(path).mtimeMs > day) utimesSync(path, now, now)
    } catch {
      // Somebody removes it, or may not be written: nothing is lost.
    }
  }
}

/** `programs` holds a folder a command line, and that a folder a version of its sources. */
export const prune = (programs, kept) => {
  try {
    for (const key of readdirSync(programs)) {
      const folder = join(programs, key)
      for (const name of readdirSync(folder)) removeOld(join(folder, name), kept)
      if (folder !== dirname(kept) && readdirSync(folder).every((name) => name === "manifest.json"))
        removeOld(folder, kept)
    }
  } catch {
    // Another command prunes beside us.
  }
}

const removeOld = (path, kept) => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (path === kept || stat?.isDirectory() !== true || Date.now() - stat.mtimeMs < unused) return
  rmSync(path, { recursive: true, force: true })
}
