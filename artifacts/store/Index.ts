/**
 * A cache of the records and of object sizes, so that a plan reads a few files instead of one a node.
 *
 * Append-only text segments, one a process that writes, all read in one go; the truth is in `records/` and the
 * manifests, and whatever is missing or torn here is looked up there. So no lock is needed, a crash or a lost append
 * costs a slower look-up, and the whole folder may be deleted at any time. LMDB was measured against this and loses on
 * network file systems by its own documentation: bench/artifacts/README.md.
 *
 * Lines, fields apart by tabs, the last one JSON:
 * `c <code hash> {files, packages}` the part of a record that many share, once;
 * `r <fingerprint> <started> <pipeline> <node> <stage> <record without it>`; `o <digest> <bytes> <mtime> <extension>`.
 */
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"
import type { NodeRecord } from "../NodeRecord.ts"

/** What presence needs to know of an object. */
export interface ObjectFacts {
  readonly bytes: number
  /** The file's modification time, in milliseconds, when its bytes were last known to be right. */
  readonly mtime: number
  readonly extension: string
}

type Code = NodeRecord["components"]["code"]

interface Line {
  readonly text: string
  /** Filled when the record is first asked for. */
  record: NodeRecord | undefined
}

/** Segments of at most this many bytes are made; a string must hold one. */
const segmentBytes = 64 << 20
/** More segments than this are merged into one when the store is opened. */
const manySegments = 16
/** Other processes' segments are looked at again at most this often. */
const refreshMillis = 100
/** A segment that grew this recently may still be written to. */
const restMillis = 60_000

export class Index {
  readonly #folder: string
  readonly #codes = new Map<string, string | Code>()
  readonly #lines = new Map<string, Line>()
  readonly #objects = new Map<string, ObjectFacts>()
  readonly #written = new Set<string>()
  /** How far each segment was read. */
  readonly #read = new Map<string, number>()
  #refreshed = 0
  #newest: Map<string, string> | undefined
  #segment: { readonly name: string; readonly file: number; bytes: number } | undefined

  constructor(folder: string) {
    this.#folder = folder
    fs.mkdirSync(folder, { recursive: true })
    this.#load()
  }

  get size(): number {
    return this.#lines.size
  }

  record(fingerprint: string): NodeRecord | undefined {
    const line = this.#lines.get(fingerprint)
    if (line === undefined) return undefined
    return (line.record ??= this.#parse(line.text))
  }

  object(digest: string): ObjectFacts | undefined {
    return this.#objects.get(digest)
  }

  fingerprints(): IterableIterator<string> {
    return this.#lines.keys()
  }

  /** The newest record of a node of a pipeline, else of the stage. */
  latest(pipeline: string, node: string, stage: string | undefined): NodeRecord | undefined {
    if (this.#newest === undefined) {
      this.#newest = new Map()
      for (const [fingerprint, line] of this.#lines) this.#note(fingerprint, line.text)
    }
    const found =
      this.#newest.get(nodeName(JSON.stringify(pipeline), JSON.stringify(node))) ??
      (stage === undefined ? undefined : this.#newest.get(JSON.stringify(stage)))
    return found === undefined ? undefined : this.record(found)
  }

  addRecord(record: NodeRecord): void {
    const { code } = record.components
    if (!this.#written.has(code.hash)) {
      this.#written.add(code.hash)
      this.#append(`c\t${code.hash}\t${JSON.stringify({ files: code.files, packages: code.packages })}\n`)
    }
    this.#codes.set(code.hash, code)
    const text = recordLine(record)
    this.#append(`${text}\n`)
    this.#lines.set(record.fingerprint, { text, record })
    if (this.#newest !== undefined) this.#note(record.fingerprint, text)
  }

  addObject(digest: string, facts: ObjectFacts): void {
    const known = this.#objects.get(digest)
    if (known?.mtime === facts.mtime && known.bytes === facts.bytes) return
    this.#objects.set(digest, facts)
    this.#append(objectLine(digest, facts))
  }

  /** Forgets, here and on disk. */
  drop(fingerprints: Iterable<string>, digests: Iterable<string>): void {
    // What others have appended meanwhile is read first, since their segments are replaced.
    this.#load()
    for (const fingerprint of fingerprints) this.#lines.delete(fingerprint)
    for (const digest of digests) this.#objects.delete(digest)
    this.#newest = undefined
    this.#rewrite()
  }

  /** Forgets everything. */
  clear(): void {
    this.#load()
    this.drop([...this.#lines.keys()], [...this.#objects.keys()])
  }

  /**
   * Writes everything known as new segments and removes those it was read from. A segment that could not be read stays:
   * another process may have merged into it.
   */
  #rewrite(): void {
    this.close()
    const old = [...this.#read.keys()]
    this.#written.clear()
    for (const [hash, code] of this.#codes) {
      const { files, packages } = this.#code(hash, code)
      this.#written.add(hash)
      this.#append(`c\t${hash}\t${JSON.stringify({ files, packages })}\n`)
    }
    for (const { text } of this.#lines.values()) this.#append(`${text}\n`)
    for (const [digest, facts] of this.#objects) this.#append(objectLine(digest, facts))
    this.#flush()
    for (const name of old) {
      this.#read.delete(name)
      fs.rmSync(join(this.#folder, name), { force: true })
    }
  }

  close(): void {
    this.#flush()
    if (this.#segment !== undefined) fs.closeSync(this.#segment.file)
    this.#segment = undefined
  }

  // --- reading -----------------------------------------------------------------------------------------------------

  #segments(): ReadonlyArray<{ readonly name: string; readonly rested: boolean }> {
    const names = fs.readdirSync(this.#folder).filter((name) => name.endsWith(".log"))
    if (names.length <= manySegments) return names.sort().map((name) => ({ name, rested: false }))
    return names.sort().flatMap((name) => {
      const stat = fs.statSync(join(this.#folder, name), { throwIfNoEntry: false })
      return stat === undefined ? [] : [{ name, rested: Date.now() - stat.mtimeMs > restMillis }]
    })
  }

  /** Reads what other processes have appended meanwhile. */
  refresh(): void {
    const now = performance.now()
    if (now - this.#refreshed < refreshMillis) return
    this.#load()
  }

  #load(): void {
    const segments = this.#segments()
    for (const { name } of segments) {
      try {
        this.#readSegment(name)
      } catch {
        // Merged away by another process, or unreadable: records are then looked up one by one.
      }
    }
    this.#refreshed = performance.now()
    if (segments.filter(({ rested }) => rested).length > manySegments) this.#rewrite()
  }

  #readSegment(name: string): void {
    const from = this.#read.get(name) ?? 0
    const file = fs.openSync(join(this.#folder, name), "r")
    try {
      const bytes = Buffer.allocUnsafe(fs.fstatSync(file).size - from)
      const got = bytes.byteLength <= 0 ? 0 : fs.readSync(file, bytes, 0, bytes.byteLength, from)
      const whole = bytes.lastIndexOf(10, got - 1) + 1
      if (got === 0 || whole === 0) return
      this.#readLines(bytes.toString("utf8", 0, whole))
      this.#read.set(name, from + whole)
    } finally {
      fs.closeSync(file)
    }
  }

  /** Whole lines; a torn last one was left out. */
  #readLines(text: string): void {
    for (
      let start = 0, end = text.indexOf("\n");
      end >= 0;
      start = end + 1, end = text.indexOf("\n", start)
    ) {
      const tab = text.indexOf("\t", start + 2)
      if (tab < 0 || tab > end) continue
      const id = text.substring(start + 2, tab)
      switch (text[start]) {
        case "r":
          this.#lines.set(id, { text: text.substring(start, end), record: undefined })
          break
        case "o": {
          const [bytes, mtime, extension] = text.substring(tab + 1, end).split("\t")
          if (extension !== undefined)
            this.#objects.set(id, { bytes: Number(bytes), mtime: Number(mtime), extension })
          break
        }
        case "c":
          this.#codes.set(id, text.substring(tab + 1, end))
      }
    }
  }

  #parse(line: string): NodeRecord | undefined {
    try {
      const record = JSON.parse(line.slice(line.lastIndexOf("\t") + 1)) as NodeRecord
      const hash = record.components.code as unknown as string
      const code = this.#codes.get(hash)
      if (code === undefined) return undefined
      return { ...record, components: { ...record.components, code: this.#code(hash, code) } }
    } catch {
      return undefined
    }
  }

  /** Code components are shared between records, and parsed once. */
  #code(hash: string, code: string | Code): Code {
    if (typeof code !== "string") return code
    const parsed = { hash, ...(JSON.parse(code) as Omit<Code, "hash">) }
    this.#codes.set(hash, parsed)
    return parsed
  }

  #note(fingerprint: string, line: string): void {
    const [, , started, pipeline, node, stage] = line.split("\t", 6)
    const newest = this.#newest as Map<string, string>
    for (const name of [nodeName(pipeline, node), stage]) {
      const other = this.#lines.get(newest.get(name) ?? "")?.text
      if (other === undefined || started >= other.split("\t", 3)[2]) newest.set(name, fingerprint)
    }
  }

  // --- writing -----------------------------------------------------------------------------------------------------

  #pending: Array<string> = []

  /** Lines are gathered for a moment: losing them costs nothing but time. */
  #append(line: string): void {
    this.#pending.push(line)
    if (this.#pending.length === 1) setTimeout(() => this.#flush(), 20).unref()
    else if (this.#pending.length >= 4096) this.#flush()
  }

  #flush(): void {
    if (this.#pending.length === 0) return
    const bytes = Buffer.from(this.#pending.join(""), "utf8")
    this.#pending = []
    try {
      if (this.#segment !== undefined && this.#segment.bytes > segmentBytes) {
        fs.closeSync(this.#segment.file)
        this.#segment = undefined
      }
      if (this.#segment === undefined) {
        const name = `${Date.now().toString(36)}-${process.pid}-${randomBytes(4).toString("hex")}.log`
        this.#segment = { name, file: fs.openSync(join(this.#folder, name), "ax"), bytes: 0 }
      }
      fs.writeSync(this.#segment.file, bytes)
      this.#segment.bytes += bytes.byteLength
      this.#read.set(this.#segment.name, this.#segment.bytes)
    } catch {
      // A full or read-only disk: the records themselves tell of it; the index is only a cache.
    }
  }
}

const nodeName = (pipeline: string, node: string): string => `${pipeline}\t${node}`

const objectLine = (digest: string, { bytes, mtime, extension }: ObjectFacts): string =>
  `o\t${digest}\t${bytes}\t${mtime}\t${extension}\n`

const recordLine = (record: NodeRecord): string => {
  const { fingerprint, started, pipeline, node, components } = record
  const names = [pipeline, node, components.stage].map((name) => JSON.stringify(name))
  const rest = { ...record, components: { ...components, code: components.code.hash } }
  return ["r", fingerprint, started, ...names, JSON.stringify(rest)].join("\t")
}
