/**
 * Who this process is, so that another process on the same machine can tell whether it still lives: the machine's boot,
 * the process namespace (containers on one machine have different ones), the process id and when the process started
 * (ids are used again). Off Linux only host name and id are known.
 */
import * as fs from "node:fs"
import * as os from "node:os"
import * as Schema from "effect/Schema"

export const Identity = Schema.Struct({
  host: Schema.String,
  /** Equal for processes that can see each other. */
  machine: Schema.String,
  pid: Schema.Int,
  /** In clock ticks since boot; empty where it is not known. */
  started: Schema.String
})
export type Identity = typeof Identity.Type

let own: Identity | undefined

export const ownIdentity = (): Identity =>
  (own ??= {
    host: os.hostname(),
    machine: machine(),
    pid: process.pid,
    started: startOf(process.pid) ?? ""
  })

/** True or false for a process that is visible from here; undefined for one on another machine. */
export const isAlive = (other: Identity): boolean | undefined => {
  if (other.machine !== ownIdentity().machine) return undefined
  if (other.started !== "") return startOf(other.pid) === other.started
  try {
    process.kill(other.pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

const machine = (): string => {
  try {
    const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
    return `${boot} ${fs.readlinkSync("/proc/self/ns/pid")}`
  } catch {
    return os.hostname()
  }
}

/** Field 22 of /proc/<pid>/stat; undefined where there is no such process, or it is a zombie. */
const startOf = (pid: number): string | undefined => {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
  } catch {
    return undefined
  }
}
