/**
 * A cache of the records and of where objects are, so that a plan reads a few files instead of one a node.
 *
 * The truth is in `records/` and the manifests; whatever is missing, torn or damaged here is looked up there. So no lock
 * is needed, a crash or a lost append costs a slower look-up, and the whole folder may be deleted at any time. LMDB was
 * measured against this and loses on network file systems by its own documentation: bench/artifacts/README.md.
 */
import type { NodeRecord } from "../NodeRecord.ts"
import {
  assembled,
  type ObjectFacts,
  objectLine,
  parseNames,
  parseObjectLine,
  parseRecordLine,
  parseShared,
  type RecordFile,
  recordLine,
  type RecordNames,
  type Shared,
  sharedLine,
  sharedText
} from "./indexLines.ts"
import { Segments } from "./segments.ts"
import { checksum } from "./sums.ts"

/** A record as the index has it, and the file it was made from: of use only while that file is the same. */
export interface Indexed {
  readonly record: NodeRecord
  readonly file: RecordFile
}

interface Entry {
  readonly text: string
  /** Filled when the record is first asked for. */
  indexed: Indexed | undefined
}

export class Index {
  readonly #segments: Segments
  /** By checksum; texts until they are first needed. */
  readonly #shared = new Map<string, string | Shared>()
  readonly #entries = new Map<string, Entry>()
  readonly #objects = new Map<string, string | ObjectFacts>()
  /** Shared parts that this process has written. */
  readonly #written = new Set<string>()
  #newest: Map<string, { readonly fingerprint: string; readonly started: string }> | undefined

  constructor(folder: string) {
    this.#segments = new Segments(folder)
    if (this.#load()) this.#rewrite()
  }

  get size(): number {
    return this.#entries.size
  }

  record(fingerprint: string): Indexed | undefined {
    const entry = this.#entries.get(fingerprint)
    if (entry === undefined) return undefined
    const indexed = (entry.indexed ??= this.#parse(fingerprint, entry.text))
    if (indexed === undefined) this.#entries.delete(fingerprint)
    return indexed
  }

  /** A hint where the object is. */
  object(digest: string): ObjectFacts | undefined {
    const known = this.#objects.get(digest)
    if (typeof known !== "string") return known
    const facts = parseObjectLine(known)
    if (facts === undefined) this.#objects.delete(digest)
    else this.#objects.set(digest, facts)
    return facts
  }

  fingerprints(): IterableIterator<string> {
    return this.#entries.keys()
  }

  /** The fingerprint of the newest record of a node of a pipeline, else of the stage. */
  latest(pipeline: string, node: string, stage: string | undefined): string | undefined {
    if (this.#newest === undefined) {
      this.#newest = new Map()
      for (const [fingerprint, { text }] of this.#entries) {
        const names = parseNames(fingerprint, text)
        if (names === undefined) this.#entries.delete(fingerprint)
        else this.#note(fingerprint, names)
      }
    }
    const found =
      this.#newest.get(nodeName(JSON.stringify(pipeline), JSON.stringify(node))) ??
      (stage === undefined ? undefined : this.#newest.get(JSON.stringify(stage)))
    return found?.fingerprint
  }

  /** The same record, with the part that others share taken from them: a large store's records fit into memory. */
  addRecord(given: NodeRecord, file: RecordFile): NodeRecord {
    const shared = sharedText(given)
    const sum = checksum(shared)
    if (!this.#written.has(sum)) {
      this.#written.add(sum)
      this.#segments.append(sharedLine(sum, shared))
    }
    const record = this.#sharing(given, sum)
    const text = recordLine(record, sum, file)
    this.#segments.append(text)
    this.#entries.set(record.fingerprint, { text, indexed: { record, file } })
    const names = this.#newest === undefined ? undefined : parseNames(record.fingerprint, text)
    if (names !== undefined) this.#note(record.fingerprint, names)
    return record
  }

  #sharing(record: NodeRecord, sum: string): NodeRecord {
    const known = this.#sharedPart(sum)
    if (known === undefined) {
      const { run, components, provenance } = record
      const { code, numerics, format } = components
      this.#shared.set(sum, { run, code, numerics, format, provenance })
      return record
    }
    const { run, code, numerics, format, provenance } = known
    return { ...record, run, components: { ...record.components, code, numerics, format }, provenance }
  }

  addObject(digest: string, facts: ObjectFacts): void {
    const known = this.object(digest)
    if (known !== undefined && objectLine(digest, known) === objectLine(digest, facts)) return
    this.#objects.set(digest, facts)
    this.#segments.append(objectLine(digest, facts))
  }

  /** Forgets in this process; what the segments say of them is of no use once their files are gone. */
  evict(fingerprints: Iterable<string>, digests: Iterable<string>): void {
    for (const fingerprint of fingerprints) this.#entries.delete(fingerprint)
    for (const digest of digests) this.#objects.delete(digest)
    this.#newest = undefined
  }

  /** Forgets, here and on disk. */
  drop(fingerprints: Iterable<string>, digests: Iterable<string>): void {
    // What others have appended meanwhile is read first, since their segments are replaced.
    this.#load()
    this.evict(fingerprints, digests)
    this.#rewrite()
  }

  /** Forgets everything. */
  clear(): void {
    this.#load()
    this.drop([...this.#entries.keys()], [...this.#objects.keys()])
  }

  /** Writes what was added; it is written soon in any case. */
  flush(): void {
    this.#segments.flush()
  }

  close(): void {
    this.#segments.close()
  }

  #load(): boolean {
    return this.#segments.load((text) => {
      const tab = text.indexOf("\t", 2)
      if (tab < 0 || text[1] !== "\t") return
      const id = text.substring(2, tab)
      if (text[0] === "R") this.#entries.set(id, { text, indexed: undefined })
      else if (text[0] === "O") this.#objects.set(id, text)
      else if (text[0] === "C") this.#shared.set(id, text.substring(tab + 1))
    })
  }

  #rewrite(): void {
    const lines: Array<string> = []
    const sums = new Set<string>()
    for (const fingerprint of this.#entries.keys()) {
      const found = this.record(fingerprint)
      if (found === undefined) continue
      const shared = sharedText(found.record)
      const sum = checksum(shared)
      if (!sums.has(sum)) lines.push(sharedLine(sum, shared))
      sums.add(sum)
      lines.push(recordLine(found.record, sum, found.file))
    }
    for (const digest of this.#objects.keys()) {
      const facts = this.object(digest)
      if (facts !== undefined) lines.push(objectLine(digest, facts))
    }
    this.#written.clear()
    this.#segments.replace(lines)
  }

  #parse(fingerprint: string, text: string): Indexed | undefined {
    const line = parseRecordLine(fingerprint, text)
    const shared = line === undefined ? undefined : this.#sharedPart(line.shared)
    if (line === undefined || shared === undefined) return undefined
    return { record: assembled(fingerprint, line, shared), file: line.file }
  }

  /** Parsed once. */
  #sharedPart(sum: string): Shared | undefined {
    const known = this.#shared.get(sum)
    if (typeof known !== "string") return known
    const shared = parseShared(sum, known)
    if (shared === undefined) this.#shared.delete(sum)
    else this.#shared.set(sum, shared)
    return shared
  }

  #note(fingerprint: string, { started, pipeline, node, stage }: RecordNames): void {
    const newest = this.#newest!
    for (const name of [nodeName(pipeline, node), stage]) {
      const other = newest.get(name)
      if (other === undefined || started >= other.started) newest.set(name, { fingerprint, started })
    }
  }
}

const nodeName = (pipeline: string, node: string): string => `${pipeline}\t${node}`
