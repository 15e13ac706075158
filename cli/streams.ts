/**
 * Standard output and standard error whose reader may leave (`| head -1`, a terminal that is closed). A command goes on to
 * its end without it, what it would still print is dropped, and the exit code tells how the command ended.
 */

/** What a write to a pipe or a terminal gives once nobody reads it. */
const nobodyReads = new Set(["EPIPE", "EIO", "ENXIO", "ECONNRESET", "ERR_STREAM_DESTROYED"])

/** Why something could not be printed although it should have been: a full disk behind `> file`. */
let failure: NodeJS.ErrnoException | undefined

export const outliveReaders = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!nobodyReads.has(error.code ?? "")) failure ??= error
    })
  }
}

export const printingFailure = (): NodeJS.ErrnoException | undefined => failure
