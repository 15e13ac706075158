/**
 * The files of the index: append-only segments of whole lines, one a process that writes. Nothing here ever fails: a
 * folder that is gone, replaced, full, read-only or damaged costs slower look-ups and no more.
 */
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"

/** Segments of at most this many bytes are made; a string must hold one. */
const segmentBytes = 64 << 20
/** More segments than this are merged into one when the index is opened. */
const manySegments = 16
/** A segment that grew this recently may still be written to. */
const restMillis = 60_000

export class Segments {
  readonly #folder: string
  /** How far each segment was read. */
  readonly #read = new Map<string, number>()
  #segment: { readonly name: string; readonly file: number; bytes: number } | undefined
  #pending: Array<string> = []

  constructor(folder: string) {
    this.#folder = folder
  }

  // --- reading -----------------------------------------------------------------------------------------------------

  /** Hands over the whole lines that were not read yet; returns whether there are so many segments that merging pays. */
  load(onLine: (line: string) => void): boolean {
    let rested = 0
    for (const segment of this.#segments()) {
      rested += segment.rested ? 1 : 0
      try {
        this.#readSegment(segment.name, onLine)
      } catch {
        // Merged away by another process, or unreadable: records are then looked up one by one.
      }
    }
    return rested > manySegments
  }

  #segments(): ReadonlyArray<{ readonly name: string; readonly rested: boolean }> {
    let names: Array<string>
    try {
      names = fs.readdirSync(this.#folder).filter((name) => name.endsWith(".log"))
    } catch {
      return []
    }
    if (names.length <= manySegments) return names.sort().map((name) => ({ name, rested: false }))
    return names.sort().flatMap((name) => {
      try {
        const stat = fs.statSync(join(this.#folder, name), { throwIfNoEntry: false })
        return stat === undefined ? [] : [{ name, rested: Date.now() - stat.mtimeMs > restMillis }]
      } catch {
        return []
      }
    })
  }

  #readSegment(name: string, onLine: (line: string) => void): void {
    const from = this.#read.get(name) ?? 0
    const file = fs.openSync(join(this.#folder, name), "r")
    try {
      const bytes = Buffer.allocUnsafe(Math.max(0, fs.fstatSync(file).size - from))
      const got = bytes.byteLength === 0 ? 0 : fs.readSync(file, bytes, 0, bytes.byteLength, from)
      // A torn last line is left out.
      const whole = got === 0 ? 0 : bytes.lastIndexOf(10, got - 1) + 1
      if (whole === 0) return
      const text = bytes.toString("utf8", 0, whole)
      for (let start = 0, end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
        onLine(text.substring(start, end))
        start = end + 1
      }
      this.#read.set(name, from + whole)
    } finally {
      fs.closeSync(file)
    }
  }

  // --- writing -----------------------------------------------------------------------------------------------------

  /** Lines are gathered for a moment: losing them costs nothing but time. */
  append(line: string): void {
    this.#pending.push(line)
    if (this.#pending.length === 1) setTimeout(() => this.flush(), 20).unref()
    else if (this.#pending.length >= 4096) this.flush()
  }

  /** False where the lines could not be written. */
  flush(): boolean {
    if (this.#pending.length === 0) return true
    const bytes = Buffer.from(`${this.#pending.join("\n")}\n`, "utf8")
    this.#pending = []
    // A write that was cut short leaves a torn line; nothing may follow it, so the lines go whole into a new segment.
    return this.#write(bytes) || this.#write(bytes)
  }

  #write(bytes: Uint8Array): boolean {
    try {
      if (this.#segment !== undefined && this.#segment.bytes > segmentBytes) this.#end()
      this.#segment ??= this.#begin()
      const segment = this.#segment
      if (fs.writeSync(segment.file, bytes) === bytes.byteLength) {
        segment.bytes += bytes.byteLength
        this.#read.set(segment.name, segment.bytes)
        return true
      }
    } catch {
      // A full or read-only disk: the records themselves tell of it; the index is only a cache.
    }
    this.#end()
    return false
  }

  #begin(): { readonly name: string; readonly file: number; bytes: number } {
    const name = `${Date.now().toString(36)}-${process.pid}-${randomBytes(4).toString("hex")}.log`
    const open = () => fs.openSync(join(this.#folder, name), "ax")
    try {
      return { name, file: open(), bytes: 0 }
    } catch {
      // The folder is gone, or something else is in its place.
      if (fs.lstatSync(this.#folder, { throwIfNoEntry: false })?.isDirectory() === false)
        fs.rmSync(this.#folder, { force: true })
      fs.mkdirSync(this.#folder, { recursive: true })
      return { name, file: open(), bytes: 0 }
    }
  }

  #end(): void {
    const file = this.#segment?.file
    this.#segment = undefined
    try {
      if (file !== undefined) fs.closeSync(file)
    } catch {
      // Nothing more can be done with it.
    }
  }

  close(): void {
    this.flush()
    this.#end()
  }

  /**
   * Replaces every segment that was read by new ones with these lines. One that could not be read stays: another
   * process may have merged into it.
   */
  replace(lines: Iterable<string>): void {
    this.close()
    const old = [...this.#read.keys()]
    let written = true
    for (const line of lines) {
      this.#pending.push(line)
      if (this.#pending.length >= 4096) written = this.flush() && written
    }
    written = this.flush() && written
    if (!written) return
    for (const name of old) {
      this.#read.delete(name)
      try {
        fs.rmSync(join(this.#folder, name), { force: true })
      } catch {
        // Read once more next time.
      }
    }
  }
}
