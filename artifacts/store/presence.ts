/**
 * Presences: what each process that works on a store needs of it, for as long as it works.
 *
 * `<store>/live/<machine>-<pid>-<started>-<random>.held` is made when a process first writes or holds something. Its
 * first line names the process and is renewed (see liveness.ts); every further line is a digest, a fingerprint or a
 * run's id that the process *holds*: `gc` removes nothing that the presence of a live process holds, however old.
 * `….whole` holds everything, for as long as it is there: `verify` looks at the whole store.
 *
 * Holding keeps what is there from the next `gc`; how it is kept from one that goes on already: collecting.ts.
 */
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { dirname, join } from "node:path"
import { errnoOf } from "../failures.ts"
import { isLive } from "./liveness.ts"
import { ownerKey, ownerOf, ownIdentity } from "./processIdentity.ts"
import { keepRenewed } from "./renewing.ts"

const heldSuffix = ".held"
const wholeSuffix = ".whole"

/** Short commands end before a thread that renews would be worth its start. */
const settledIn = 1000

export const liveFolder = (root: string): string => join(root, "live")

const newName = (suffix: string): string =>
  `${ownerKey(ownIdentity())}-${randomBytes(8).toString("hex")}${suffix}`

class Presence {
  readonly #folder: string
  readonly #held = new Set<string>()
  #users = 0
  #file: { readonly path: string; readonly text: string } | undefined
  #timer: NodeJS.Timeout | undefined
  #stop: (() => void) | undefined

  constructor(root: string) {
    this.#folder = liveFolder(root)
  }

  /** Between `open` and as many `close`, what is held stays held. */
  open(): void {
    this.#users += 1
  }

  close(): void {
    this.#users -= 1
    if (this.#users > 0 || this.#file === undefined) return
    clearTimeout(this.#timer)
    this.#stop?.()
    this.#stop = undefined
    const { path } = this.#file
    this.#file = undefined
    this.#held.clear()
    try {
      fs.rmSync(path, { force: true })
    } catch {
      // Swept once this process has ended.
    }
  }

  /** Throws what the file system throws. */
  show(): void {
    if (this.#file !== undefined) return
    const name = newName(heldSuffix)
    const { host, pid } = ownIdentity()
    const file = { path: join(this.#folder, name), text: `${JSON.stringify({ host, pid, name })}\n` }
    const lines = [...this.#held].map((id) => `${id}\n`).join("")
    create(file.path, file.text + lines)
    this.#file = file
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.renew(), settledIn).unref()
  }

  /** From now on it is renewed, also while this thread is busy. */
  renew(): void {
    if (this.#stop !== undefined || this.#file === undefined) return
    const { path, text } = this.#file
    // Lost: this process was asleep for so long that it was taken for gone. It shows itself again.
    this.#stop = keepRenewed(path, text, () => this.#again())
  }

  /** Throws what the file system throws: then nothing new is held. */
  hold(ids: Iterable<string>): void {
    const fresh: Array<string> = []
    for (const id of ids) if (!this.#held.has(id)) fresh.push(id)
    if (fresh.length === 0 && this.#file !== undefined) return
    this.show()
    // Opened and closed each time: closing is what shows it to other machines of a network file system.
    const append = (): void => {
      const file = fs.openSync(this.#file!.path, fs.constants.O_WRONLY | fs.constants.O_APPEND)
      try {
        const bytes = Buffer.from(fresh.map((id) => `${id}\n`).join(""))
        for (let at = 0; at < bytes.length;) at += fs.writeSync(file, bytes, at)
      } finally {
        fs.closeSync(file)
      }
    }
    try {
      append()
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error
      this.#again()
      append()
    }
    for (const id of fresh) this.#held.add(id)
  }

  #again(): void {
    const renewed = this.#stop !== undefined
    this.#stop?.()
    this.#stop = undefined
    this.#file = undefined
    try {
      this.show()
    } catch {
      return
    }
    if (renewed) this.renew()
  }
}

const create = (path: string, text: string): void => {
  try {
    fs.writeFileSync(path, text, { flag: "wx" })
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error
    fs.mkdirSync(dirname(path), { recursive: true })
    fs.writeFileSync(path, text, { flag: "wx" })
  }
}

const presences = new Map<string, Presence>()

/** This process's presence in a store. */
export const presenceOf = (root: string): Presence => {
  let presence = presences.get(root)
  if (presence === undefined) presences.set(root, (presence = new Presence(root)))
  return presence
}

/** Holds the whole store until the returned function is called. */
export const holdWhole = (root: string): (() => void) => {
  const path = join(liveFolder(root), newName(wholeSuffix))
  const text = `${JSON.stringify(ownIdentity())}\n`
  create(path, text)
  const stop = keepRenewed(path, text)
  return () => {
    stop()
    fs.rmSync(path, { force: true })
  }
}

// --- others' presences -------------------------------------------------------------------------------------------------

export interface LivePresences {
  /** Owner keys of processes that live. */
  readonly owners: ReadonlySet<string>
  /** Everything that any of them holds. */
  readonly held: ReadonlySet<string>
  /** Processes that hold the whole store, as "process <id> on <host>". */
  readonly whole: ReadonlyArray<string>
  /** Files of processes that are gone. */
  readonly gone: ReadonlyArray<string>
}

/** `owner`: only of this one. Without `ids`, what they hold is not read. */
export const livePresences = (
  root: string,
  now: () => number | undefined,
  options: { readonly ids: boolean; readonly owner?: string }
): LivePresences => {
  const owners = new Set<string>()
  const held = new Set<string>()
  const whole: Array<string> = []
  const gone: Array<string> = []
  const folder = liveFolder(root)
  for (const name of namesIn(folder)) {
    const owner = ownerOf(name)
    if (owner === undefined || (options.owner !== undefined && owner !== options.owner)) continue
    const path = join(folder, name)
    const seen = look(path, options.ids)
    if (seen === undefined) continue
    if (!isLive({ path, owner, mtime: seen.mtime, token: name }, now)) {
      gone.push(path)
      continue
    }
    owners.add(owner)
    if (name.endsWith(wholeSuffix)) whole.push(described(seen.text))
    else if (options.ids) for (const id of seen.text.split("\n").slice(1)) held.add(id)
  }
  return { owners, held, whole, gone }
}

/** Opened afresh, so that a network file system shows its present state. */
const look = (
  path: string,
  whole: boolean
): { readonly mtime: number; readonly text: string } | undefined => {
  let file: number
  try {
    file = fs.openSync(path, "r")
  } catch {
    return undefined
  }
  try {
    return {
      mtime: fs.fstatSync(file).mtimeMs,
      text: whole || path.endsWith(wholeSuffix) ? fs.readFileSync(file, "utf8") : ""
    }
  } finally {
    fs.closeSync(file)
  }
}

const described = (text: string): string => {
  try {
    const { host, pid } = JSON.parse(text) as { readonly host: string; readonly pid: number }
    return `process ${pid} on ${host}`
  } catch {
    return "another process"
  }
}

const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return fs.readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return []
    throw error
  }
}
