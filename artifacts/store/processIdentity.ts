/**
 * Who this process is, so that another process on the same machine can tell whether it still lives: the machine's boot,
 * the process namespace (containers on one machine have different ones), the process id and when the process started
 * (ids are used again). Off Linux only host name and id are known, so an id that is used again looks like the process.
 */
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as Schema from "effect/Schema"
import { errnoOf } from "../failures.ts"

export const Identity = Schema.Struct({
  host: Schema.String,
  /** Equal for processes that can see each other. */
  machine: Schema.String,
  pid: Schema.Int,
  /** In clock ticks since boot; empty where it is not known. */
  started: Schema.String
})
export type Identity = typeof Identity.Type

/** An identity in a file's name: `<machine>-<pid>-<started>`. */
export type OwnerKey = string

let own: Identity | undefined

export const ownIdentity = (): Identity =>
  (own ??= {
    host: os.hostname(),
    machine: machine(),
    pid: process.pid,
    started: ownStart()
  })

export const ownerKey = ({ machine, pid, started }: Omit<Identity, "host">): OwnerKey =>
  `${short(machine)}-${pid}-${started}`

/** The key that a file's name begins with; undefined for a name that no process of ours gives. */
export const ownerOf = (name: string): OwnerKey | undefined =>
  /^([0-9a-f]{8}-\d+-\d*)-[0-9a-f]{16}(\.|$)/.exec(name)?.[1]

/** True or false for a process that is visible from here; undefined for one that is not, as on another machine. */
export const isProcessAlive = (key: OwnerKey): boolean | undefined => {
  const [machine, pid, started] = key.split("-")
  if (machine !== short(ownIdentity().machine)) return undefined
  return isThere(Number(pid), started!)
}

const isThere = (pid: number, started: string): boolean | undefined => {
  const found = startOf(pid)
  if (found === "gone") return false
  if (found !== undefined && started !== "") return found === started
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (errnoOf(error) !== "EPERM") return false
  }
  // There is a process with this id, and where its start can be known, it is hidden from us: its renewals tell.
  return started === "" ? true : undefined
}

const shortened = new Map<string, string>()

const short = (machine: string): string => {
  const known = shortened.get(machine)
  if (known !== undefined) return known
  const text = createHash("sha256").update(machine).digest("hex").slice(0, 8)
  shortened.set(machine, text)
  return text
}

const machine = (): string => {
  try {
    const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
    return `${boot} ${fs.readlinkSync("/proc/self/ns/pid")}`
  } catch {
    return os.hostname()
  }
}

const ownStart = (): string => {
  const found = startOf(process.pid)
  return found === undefined || found === "gone" ? "" : found
}

/** Field 22 of /proc/<pid>/stat; "gone" for a zombie; undefined where it cannot be read. */
const startOf = (pid: number): string | "gone" | undefined => {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? "gone" : fields[19]
  } catch {
    return undefined
  }
}
