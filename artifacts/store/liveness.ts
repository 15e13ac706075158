/**
 * The one rule of who lives. Leases, runs, presences, temporary files and scratch folders all ask it.
 *
 * - A process of this machine (the same boot and process namespace) is looked up by its id and start time. That decides
 *   at once, and alone.
 * - A process of another machine shows that it lives by writing to a file at least every `renewal` ms. It is gone once
 *   that file was not written for `expiry` ms: by the stamps of the file system that both share (the file's own beside
 *   that of a file written now), or as watched from here by the monotonic clock. No wall clock of any machine counts.
 *
 * A stamp in the future says nothing: it is put back to now once, and whoever lives writes again.
 */
import * as fs from "node:fs"
import { isProcessAlive, type OwnerKey } from "./processIdentity.ts"

/** Milliseconds after which a process of another machine that renewed nothing is taken for gone. */
export const expiry = 60_000
/** Milliseconds between two renewals. */
export const renewal = expiry / 6

/** A file that its owner renews by writing to it. */
export interface Renewed {
  readonly path: string
  /** Undefined where nobody knows: then its renewals alone decide. */
  readonly owner: OwnerKey | undefined
  /** Stamped by the file system, in milliseconds. */
  readonly mtime: number
  /** Changes when another process owns the file. */
  readonly token: string
}

/** `now` is a stamp that the same file system gave just now; undefined where none can be had. */
export const isLive = (file: Renewed, now: () => number | undefined): boolean => {
  const alive = file.owner === undefined ? undefined : isProcessAlive(file.owner)
  if (alive !== undefined) return alive
  const time = now()
  if (time !== undefined && time - file.mtime > expiry) return false
  const since = unchangedSince(file)
  if (performance.now() - since > expiry) return false
  if (time !== undefined && file.mtime - time > renewal) putBack(file.path, time)
  return true
}

interface Watched {
  readonly seen: string
  readonly since: number
}

/** What was seen of other machines' files, and since when (monotonic), for as long as this process runs. */
const watched = new Map<string, Watched>()

const unchangedSince = ({ path, mtime, token }: Renewed): number => {
  const known = watched.get(path)
  const seen = `${mtime} ${token}`
  if (known?.seen === seen) return known.since
  const since = performance.now()
  watched.set(path, { seen, since })
  return since
}

const putBack = (path: string, time: number): void => {
  try {
    fs.utimesSync(path, time / 1000, time / 1000)
  } catch {
    // Another user's file: it is watched instead.
  }
}
