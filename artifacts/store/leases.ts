/**
 * Leases: who computes what. A lease is a file that is created exclusively (`link`, which is atomic on NFS too) and
 * names its holder; the holder renews it by writing to it. Nothing depends on advisory locks or on synchronised clocks:
 * a lease's age is the difference between two times that the store's own file system stamped.
 *
 * A lease is free to take when its holder is gone: at once if that can be seen (same machine: boot, process namespace,
 * process id and start time), else once it was not renewed for `expiry`. Taking over is exclusive too: whoever links
 * `<lease>.next` first looks again and renames it over the old one.
 *
 * What remains: a process that is suspended longer than `expiry` may wake up beside its successor. Both then compute
 * the same node; objects are named by content and records are equal, so that costs time, never correctness.
 */
import { createHash, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"
import * as Schema from "effect/Schema"
import { errnoOf } from "../failures.ts"
import { temporaryPath } from "./durable.ts"
import { Identity, isAlive, ownIdentity } from "./processIdentity.ts"

/** Milliseconds after which a lease that was not renewed may be taken by another machine. */
export const expiry = 60_000
const renewal = expiry / 6

const Lease = Schema.Struct({
  name: Schema.String,
  token: Schema.String,
  holder: Identity,
  taken: Schema.Finite
})
const decodeLease = Schema.decodeUnknownOption(Schema.fromJsonString(Lease))

export interface LiveLease {
  readonly name: string
  /** When its holder took it, by the holder's clock, in milliseconds. */
  readonly taken: number
}

/** A lease this process holds; `release` is safe to call when it was lost. */
export interface HeldLease {
  readonly release: () => void
}

/** Tries once. Undefined: another process, or this one, holds it. */
export const acquireLease = (leases: string, tmp: string, name: string): HeldLease | undefined => {
  const token = randomBytes(16).toString("hex")
  const path = leasePath(leases, name)
  const own = temporaryPath(tmp)
  const lease: typeof Lease.Type = { name, token, holder: ownIdentity(), taken: Date.now() }
  fs.writeFileSync(own, JSON.stringify(lease), { flag: "wx" })
  try {
    if (linkExclusive(own, path)) return hold(path, token)
    const current = look(path)
    if (current === undefined) return linkExclusive(own, path) ? hold(path, token) : undefined
    if (!isFree(current, nowOf(own))) return undefined
    return takeOver(path, own, current) ? hold(path, token) : undefined
  } finally {
    fs.rmSync(own, { force: true })
  }
}

/** All leases whose holders live, for `gc`. */
export const liveLeases = (leases: string, tmp: string): ReadonlyArray<LiveLease> => {
  const probe = temporaryPath(tmp)
  fs.writeFileSync(probe, "", { flag: "wx" })
  try {
    const now = nowOf(probe)
    return fs.readdirSync(leases).flatMap((file) => {
      const seen = file.endsWith(suffix) ? look(join(leases, file)) : undefined
      return seen === undefined || isFree(seen, now) ? [] : [{ name: seen.name, taken: seen.taken }]
    })
  } finally {
    fs.rmSync(probe, { force: true })
  }
}

// --- files ---------------------------------------------------------------------------------------------------------

const suffix = ".lease"

const leasePath = (leases: string, name: string): string => {
  const plain = /^[\w-]{1,120}$/.test(name) ? name : createHash("sha256").update(name).digest("hex")
  return join(leases, plain + suffix)
}

const nowOf = (path: string): number => fs.statSync(path).mtimeMs

/** False where the name is taken. Over NFS a lost answer may report failure after success: the link count tells. */
const linkExclusive = (from: string, to: string): boolean => {
  try {
    fs.linkSync(from, to)
    return true
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error
    return fs.statSync(from).nlink === 2
  }
}

interface Seen {
  readonly name: string
  readonly token: string
  readonly holder: Identity | undefined
  readonly taken: number
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
      : { name: "", token: "", holder: undefined, taken: renewed, renewed }
  } finally {
    fs.closeSync(file)
  }
}

const isFree = (lease: Seen, now: number): boolean => {
  const alive = lease.holder === undefined ? undefined : isAlive(lease.holder)
  return alive === undefined ? now - lease.renewed > expiry : !alive
}

const takeOver = (path: string, own: string, stale: Seen): boolean => {
  const next = `${path}.next`
  if (!linkExclusive(own, next)) {
    // Whoever was taking over may itself be gone: make way, the next attempt will succeed.
    const other = look(next)
    if (other !== undefined && isFree(other, nowOf(own))) fs.rmSync(next, { force: true })
    return false
  }
  const current = look(path)
  if (current === undefined || current.token !== stale.token || current.renewed !== stale.renewed) {
    fs.rmSync(next, { force: true })
    return false
  }
  fs.renameSync(next, path)
  return look(path)?.token === look(own)?.token
}

const hold = (path: string, token: string): HeldLease => {
  // The open file is ours even after another process has taken the name over, so renewing never touches its lease.
  const file = fs.openSync(path, "r+")
  const text = fs.readFileSync(file, "utf8")
  let open = true
  const close = (): void => {
    if (!open) return
    open = false
    clearInterval(timer)
    fs.closeSync(file)
  }
  const timer = setInterval(() => {
    try {
      fs.writeSync(file, text, 0)
      if (look(path)?.token !== token) close()
    } catch {
      // The file system is away; the lease expires unless a later renewal succeeds.
    }
  }, renewal)
  timer.unref()
  return {
    release: () => {
      const ours = open && look(path)?.token === token
      close()
      if (ours) fs.rmSync(path, { force: true })
    }
  }
}
