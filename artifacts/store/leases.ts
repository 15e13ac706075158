/**
 * Leases: who computes what. A lease is a file that is created exclusively (`link`, which is atomic on NFS too), names
 * its holder, and is renewed by writing to it. Nothing depends on advisory locks or on synchronised clocks; whether a
 * holder still lives is told by liveness.ts.
 *
 * Whoever replaces or removes a lease must first link `<lease>.next`, look again, and only then rename or unlink. So no
 * two processes ever change one lease at a time, and a holder that was taken for gone never removes its successor's.
 *
 * What remains: a process that is suspended longer than `expiry`, as seen from another machine, may wake up beside its
 * successor. Both then compute the same node; objects are named by content and records are equal, so that costs time,
 * never correctness. One that is suspended that long between its look and its rename may replace a lease that was taken
 * meanwhile: the same.
 */
import { createHash, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { dirname, join } from "node:path"
import * as Schema from "effect/Schema"
import { errnoOf } from "../failures.ts"
import { fileSystemNow, remove, temporaryPath } from "./durable.ts"
import { isLive } from "./liveness.ts"
import { presenceOf } from "./presence.ts"
import { Identity, ownerKey, ownIdentity } from "./processIdentity.ts"
import { keepRenewed } from "./renewing.ts"

export { expiry } from "./liveness.ts"

const Lease = Schema.Struct({
  name: Schema.String,
  token: Schema.String,
  /** Null once it was given back and could not be removed. */
  holder: Schema.NullOr(Identity),
  /** By the holder's clock, in milliseconds; for readers of the file only. */
  taken: Schema.Finite
})
const decodeLease = Schema.decodeUnknownOption(Schema.fromJsonString(Lease))

/** A lease this process holds; `release` is safe to call when it was lost. */
export interface HeldLease {
  readonly release: () => void
}

/** Tries once. Undefined: another process, or this one, holds it. */
export const acquireLease = (leases: string, tmp: string, name: string): HeldLease | undefined => {
  const path = leasePath(leases, name)
  const token = randomBytes(16).toString("hex")
  const lease: typeof Lease.Type = { name, token, holder: ownIdentity(), taken: Date.now() }
  const text = JSON.stringify(lease)
  const own = temporaryPath(tmp)
  const now = (): number => fs.statSync(own).mtimeMs
  let held = false
  try {
    fs.writeFileSync(own, text, { flag: "wx" })
    held = take(path, own, token, now)
  } finally {
    if (!held) remove(own)
  }
  if (!held) return undefined
  presenceOf(dirname(tmp)).renew()
  const stop = keepRenewed(path, text)
  let open = true
  return {
    release: () => {
      if (!open) return
      open = false
      stop()
      try {
        withdraw(path, own, token)
      } catch {
        // The file system is away: the lease is free once this process has ended.
      } finally {
        remove(own)
      }
    }
  }
}

/** The names of all leases whose holders live, for `gc`. */
export const liveLeases = (leases: string, now: () => number | undefined): ReadonlyArray<string> =>
  leaseFiles(leases).flatMap((path) => {
    const seen = path.endsWith(suffix) ? look(path) : undefined
    return seen === undefined || isFree(path, seen, now) ? [] : [seen.name]
  })

/** Removes the leases of processes that are gone. */
export const sweepLeases = (leases: string, tmp: string): void => {
  const now = fileSystemNow(tmp)
  for (const path of leaseFiles(leases)) {
    const seen = look(path)
    if (seen === undefined || !isFree(path, seen, now)) continue
    // A name that cannot be read is taken over by whoever needs it.
    if (path.endsWith(suffix) && seen.name !== "") acquireLease(leases, tmp, seen.name)?.release()
    else if (path.endsWith(nextSuffix)) removeStale(path, seen.token, tmp)
  }
}

// --- files -----------------------------------------------------------------------------------------------------------

const suffix = ".lease"
const nextSuffix = ".next"

const leaseFiles = (leases: string): ReadonlyArray<string> =>
  fs.existsSync(leases) ? fs.readdirSync(leases).map((name) => join(leases, name)) : []

const leasePath = (leases: string, name: string): string => {
  const plain = /^[\w-]{1,120}$/.test(name) ? name : createHash("sha256").update(name).digest("hex")
  return join(leases, plain + suffix)
}

/** False where the name is taken. Over NFS a lost answer may report failure after success: the link tells. */
const linkExclusive = (from: string, to: string): boolean => {
  try {
    fs.linkSync(from, to)
    return true
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error
    const there = fs.statSync(to, { throwIfNoEntry: false })
    return there !== undefined && there.ino === fs.statSync(from).ino
  }
}

interface Seen {
  readonly name: string
  readonly token: string
  /** Null: nobody; undefined: it cannot be read. */
  readonly holder: Identity | null | undefined
  /** Stamped by the file system. */
  readonly renewed: number
}

/** Opened afresh, so that a network file system shows its present state. Undefined where there is none. */
const look = (path: string): Seen | undefined => {
  let file: number
  try {
    file = fs.openSync(path, "r")
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined
    throw error
  }
  try {
    const renewed = fs.fstatSync(file).mtimeMs
    const lease = decodeLease(fs.readFileSync(file, "utf8"))
    return lease._tag === "Some"
      ? { ...lease.value, renewed }
      : { name: "", token: "", holder: undefined, renewed }
  } finally {
    fs.closeSync(file)
  }
}

const isFree = (path: string, { holder, token, renewed }: Seen, now: () => number | undefined): boolean =>
  holder === null || !isLive({ path, owner: holder && ownerKey(holder), mtime: renewed, token }, now)

const take = (path: string, own: string, token: string, now: () => number): boolean => {
  if (linkExclusive(own, path)) return true
  const current = look(path)
  if (current === undefined) return linkExclusive(own, path)
  return isFree(path, current, now) && takeOver(path, own, token, current, now)
}

const takeOver = (path: string, own: string, token: string, stale: Seen, now: () => number): boolean => {
  const next = path + nextSuffix
  if (!linkExclusive(own, next)) {
    // Whoever was taking over may itself be gone: make way, the next attempt will succeed.
    const other = look(next)
    if (other !== undefined && isFree(next, other, now)) removeStale(next, other.token, dirname(own))
    return false
  }
  const current = look(path)
  if (current !== undefined && current.token === stale.token && !isRenewed(current, stale)) {
    try {
      fs.renameSync(next, path)
    } catch (error) {
      // Somebody took `next` for left over, and may have made our lease the present one by its name.
      if (errnoOf(error) !== "ENOENT") throw error
    }
  } else remove(next)
  return look(path)?.token === token
}

/** A stamp that went back was put back by somebody who looked. */
const isRenewed = (current: Seen, stale: Seen): boolean => current.renewed > stale.renewed

/** Gives a lease back, if it is still ours. */
const withdraw = (path: string, own: string, token: string): void => {
  const next = path + nextSuffix
  if (!linkExclusive(own, next)) {
    // Somebody takes it over, or died while doing so: a lease without a holder is free. `own` is the same file.
    const lease: typeof Lease.Type = { name: "", token, holder: null, taken: 0 }
    fs.writeFileSync(own, JSON.stringify(lease))
    return
  }
  if (look(path)?.token === token) remove(path)
  remove(next)
}

/** Removes a `.next` whose token was seen; another's is put back. */
const removeStale = (next: string, token: string, tmp: string): void => {
  const aside = temporaryPath(tmp)
  try {
    fs.renameSync(next, aside)
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return
    throw error
  }
  if (look(aside)?.token !== token) linkExclusive(aside, next)
  remove(aside)
}
