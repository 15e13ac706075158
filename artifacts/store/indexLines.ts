/**
 * The lines of the index: fields apart by tabs.
 *
 * `R <fingerprint> <file's bytes> <file's time> <started> <pipeline> <node> <stage> <record, its code named> <checksum>`
 * `C <checksum> <code component>`: the part of a record that many share, once;
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

export type Code = NodeRecord["components"]["code"]

export const codeText = ({ hash, files, packages }: Code): string => JSON.stringify({ hash, files, packages })

export const codeLine = (sum: string, text: string): string => `C\t${sum}\t${text}`

/** Undefined where the line was damaged. */
export const parseCode = (sum: string, text: string): Code | undefined =>
  checksum(text) === sum ? (JSON.parse(text) as Code) : undefined

export const recordLine = (record: NodeRecord, code: string, { bytes, mtime }: RecordFile): string => {
  const { fingerprint, started, pipeline, node, components } = record
  const names = [pipeline, node, components.stage].map((name) => JSON.stringify(name))
  const rest = JSON.stringify({ ...record, components: { ...components, code } })
  const text = ["R", fingerprint, bytes, mtime, started, ...names, rest].join("\t")
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

/** The record of a line with its code named, and its file; undefined where the line is damaged. */
export const parseRecordLine = (
  fingerprint: string,
  line: string
): { readonly record: NodeRecord; readonly code: string; readonly file: RecordFile } | undefined => {
  const text = checkedText(fingerprint, line)
  if (text === undefined) return undefined
  const second = text.indexOf("\t", fields)
  const third = text.indexOf("\t", second + 1)
  const file = {
    bytes: Number(text.substring(fields, second)),
    mtime: Number(text.substring(second + 1, third))
  }
  const record = JSON.parse(text.substring(text.lastIndexOf("\t") + 1)) as NodeRecord
  return { record, code: record.components.code as unknown as string, file }
}

export const objectLine = (digest: string, { bytes, manifestBytes, extension }: ObjectFacts): string =>
  `O\t${digest}\t${bytes}\t${manifestBytes}\t${extension}`

export const parseObjectLine = (line: string): ObjectFacts | undefined => {
  const [, , bytes, manifestBytes, extension] = line.split("\t", 5)
  if (extension === undefined || (extension !== "" && safeExtension(extension) !== extension))
    return undefined
  return { bytes: Number(bytes), manifestBytes: Number(manifestBytes), extension }
}
