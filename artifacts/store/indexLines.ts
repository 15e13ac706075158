/**
 * The lines of the index: fields apart by tabs.
 *
 * `R <fingerprint> <file's bytes> <file's time> <started> <pipeline> <node> <stage> <shared> <the rest> <checksum>`
 * `C <checksum> <shared>`: the part of a record that many share (code, run, numerics, ...), once, named by its checksum;
 * `O <digest> <bytes> <manifest's bytes> <extension>`.
 *
 * A record's line carries a checksum of all the rest of it, its fingerprint included, and is compared before it is used.
 * An object's line is only a hint where to look: what it says is compared with the files.
 */
import type { NodeRecord } from "../NodeRecord.ts"
import { safeExtension } from "./layout.ts"
import { checksum } from "./sums.ts"

/** What presence needs to know of an object. */
export interface ObjectFacts {
  readonly bytes: number
  readonly manifestBytes: number
  readonly extension: string
}

/** The file that a line of a record was made from: size and modification time in milliseconds. */
export interface RecordFile {
  readonly bytes: number
  readonly mtime: number
}

/** When the record's node ran; the names as JSON texts. */
export interface RecordNames {
  readonly started: string
  readonly pipeline: string
  readonly node: string
  readonly stage: string
}

/** What most records of a run have in common. */
export interface Shared {
  readonly run: string
  readonly code: NodeRecord["components"]["code"]
  readonly numerics: NodeRecord["components"]["numerics"]
  readonly format: NodeRecord["components"]["format"]
  readonly provenance: NodeRecord["provenance"]
}

const codeTexts = new WeakMap<Shared["code"], string>()

export const sharedText = ({ run, components, provenance }: NodeRecord): string => {
  const { code, numerics, format } = components
  let text = codeTexts.get(code)
  if (text === undefined) {
    text = JSON.stringify(code)
    codeTexts.set(code, text)
  }
  return `{"code":${text},${JSON.stringify({ run, numerics, format, provenance }).slice(1)}`
}

export const sharedLine = (sum: string, text: string): string => `C\t${sum}\t${text}`

/** Undefined where the line was damaged. */
export const parseShared = (sum: string, text: string): Shared | undefined =>
  checksum(text) === sum ? (JSON.parse(text) as Shared) : undefined

export const recordLine = (record: NodeRecord, shared: string, { bytes, mtime }: RecordFile): string => {
  const { fingerprint, started, pipeline, node, components, run: _, provenance: __, ...more } = record
  const { stage, code: ___, numerics: ____, format: _____, ...own } = components
  const names = [pipeline, node, stage].map((name) => JSON.stringify(name))
  const rest = JSON.stringify({ ...more, components: own })
  const text = ["R", fingerprint, bytes, mtime, started, ...names, shared, rest].join("\t")
  return `${text}\t${checksum(text)}`
}

const sumLength = 32
/** Where the first field after a letter and an id of 64 digits begins. */
const fields = 2 + 64 + 1

/** The text of a record's line without its checksum; undefined where it is not as it was written, or of another record. */
const checkedText = (fingerprint: string, line: string): string | undefined => {
  const end = line.length - sumLength - 1
  if (end <= fields || line[end] !== "\t" || line[fields - 1] !== "\t") return undefined
  const text = line.substring(0, end)
  return line.substring(2, fields - 1) === fingerprint && checksum(text) === line.substring(end + 1)
    ? text
    : undefined
}

/** What a record's line holds beside the record, for comparing; undefined where the line is damaged. */
export const parseNames = (fingerprint: string, line: string): RecordNames | undefined => {
  const text = checkedText(fingerprint, line)
  if (text === undefined) return undefined
  const [, , , , started, pipeline, node, stage] = text.split("\t", 8)
  return { started, pipeline, node, stage }
}

/** What a record's line says; undefined where it is damaged. */
export interface RecordLine extends RecordNames {
  readonly file: RecordFile
  /** The name of the shared part. */
  readonly shared: string
  readonly rest: Omit<NodeRecord, "components"> & {
    readonly components: Pick<NodeRecord["components"], "params" | "inputs" | "seed">
  }
}

export const parseRecordLine = (fingerprint: string, line: string): RecordLine | undefined => {
  const text = checkedText(fingerprint, line)
  if (text === undefined) return undefined
  const [, , bytes, mtime, started, pipeline, node, stage, shared, rest] = text.split("\t")
  if (rest === undefined) return undefined
  return {
    file: { bytes: Number(bytes), mtime: Number(mtime) },
    started,
    pipeline: nameIn(pipeline),
    node: nameIn(node),
    stage: nameIn(stage),
    shared,
    rest: JSON.parse(rest) as RecordLine["rest"]
  }
}

/** Of a JSON text; most need no decoding. */
const nameIn = (json: string): string =>
  json.includes("\\") ? (JSON.parse(json) as string) : json.slice(1, -1)

/** The record again. */
export const assembled = (
  fingerprint: string,
  { started, pipeline, node, stage, rest }: RecordLine,
  { run, code, numerics, format, provenance }: Shared
): NodeRecord => {
  const { params, inputs, seed } = rest.components
  const usual = { stage, code, params, inputs, seed, numerics, format }
  // Fields that not every record has.
  const components = Object.keys(rest.components).length > 3 ? { ...rest.components, ...usual } : usual
  const { outputs, seconds } = rest
  const record = { fingerprint, pipeline, node, run, components, outputs, started, seconds, provenance }
  return Object.keys(rest).length > 3 ? { ...rest, ...record } : record
}

export const objectLine = (digest: string, { bytes, manifestBytes, extension }: ObjectFacts): string =>
  `O\t${digest}\t${bytes}\t${manifestBytes}\t${extension}`

export const parseObjectLine = (line: string): ObjectFacts | undefined => {
  const [, , bytes, manifestBytes, extension] = line.split("\t", 5)
  if (extension === undefined || (extension !== "" && safeExtension(extension) !== extension))
    return undefined
  return { bytes: Number(bytes), manifestBytes: Number(manifestBytes), extension }
}
