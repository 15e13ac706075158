/**
 * Standard output and standard error whose reader may leave (`| head -1`, a terminal that is closed). A command goes on to
 * its end without it, what it would still print is dropped, and the exit code tells how the command ended.
 */

import { closeSync } from "node:fs"
import { isatty } from "node:tty"

/** What a write to a pipe or a terminal gives once nobody reads it. */
const nobodyReads = new Set(["EPIPE", "EIO", "ENXIO", "ECONNRESET", "ERR_STREAM_DESTROYED"])

/** Node aborts at its end where it cannot restore a terminal; one that is gone since the start needs nothing restored. */
const forgetLostTerminals = (): void => {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd))
  process.on("exit", () => {
    for (const fd of terminals) {
      if (isatty(fd)) continue
      try {
        closeSync(fd)
      } catch {
        // Closed already.
      }
    }
  })
}

/** Why something could not be printed although it should have been: a full disk behind `> file`. */
let failure: NodeJS.ErrnoException | undefined

export const outliveReaders = (): void => {
  forgetLostTerminals()
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!nobodyReads.has(error.code ?? "")) failure ??= error
    })
  }
}

export const printingFailure = (): NodeJS.ErrnoException | undefined => failure
