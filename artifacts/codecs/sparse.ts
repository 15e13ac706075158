/**
 * Keyed sparse rows as an Arrow IPC file: `key` (utf8), `indices` (List of uint32) and `values` (List of float32;
 * absent when every stored entry is 1). The number of columns is in the schema's metadata under `dims`.
 *
 * A record batch ends before it would pass 1 Mi entries or 64 Ki rows, so the bytes do not depend on how the rows came.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { InputError } from "../../schemas/errors.ts"
import type { SparseValue } from "../../schemas/Kind.ts"
import type { SparseRows } from "../../schemas/Matrix.ts"
import { mismatch, writeFailure } from "../failures.ts"
import type { Codec, Facts, Sink } from "./Codec.ts"
import type { ArrowField } from "./arrow/fields.ts"
import { ArrowFileWriter } from "./arrow/ArrowFileWriter.ts"
import { bytesOf } from "./arrow/regions.ts"
import { encodeTexts } from "./arrow/utf8Column.ts"
import { streamFailure } from "./blocks.ts"
import { firstNonFinite, KeyChecks, nonFinite, quoted } from "./rowChecks.ts"
import { openSparse } from "./sparseReader.ts"
import { codecVersions } from "./versions.ts"

const batchEntries = 1 << 20
const batchRows = 1 << 16

export const sparseCodec: Codec = {
  format: "sparse",
  version: codecVersions.sparse,
  extension: () => "arrow",
  encode: (kind, value, sink) => encode(kind.name, value as SparseValue, sink),
  open: (_kind, path) => openSparse(path)
}

type Rows = Omit<SparseRows, "dims">

const encode = Effect.fnUntraced(function* (where: string, value: SparseValue, sink: Sink) {
  const failure = writeFailure(where)
  if ("indptr" in value) {
    return yield* Effect.try({
      try: () => {
        const writer = new SparseWriter(where, value.dims, value.values === undefined, sink)
        writer.append(value)
        return writer.finish()
      },
      catch: failure
    })
  }
  const writer = yield* Effect.try({
    try: () => new SparseWriter(where, value.dims, value.binary, sink),
    catch: failure
  })
  yield* value.blocks.pipe(
    Stream.mapError(streamFailure(where)),
    Stream.runForEach((block) => Effect.try({ try: () => writer.append(block), catch: failure }))
  )
  return yield* Effect.try({ try: () => writer.finish(), catch: failure })
})

class SparseWriter {
  readonly #where: string
  readonly #dims: number
  readonly #binary: boolean
  readonly #arrow: ArrowFileWriter
  readonly #checks: KeyChecks
  #batch = new Batch()

  constructor(where: string, dims: number, binary: boolean, sink: Sink) {
    if (!Number.isInteger(dims) || dims < 1 || dims > 2 ** 32)
      throw new InputError({
        what: `The sparse rows have ${dims} columns.`,
        where,
        expected: "1 to 2^32 columns"
      })
    this.#where = where
    this.#dims = dims
    this.#binary = binary
    this.#checks = new KeyChecks(where)
    const fields: Array<ArrowField> = [
      { name: "key", nullable: false, type: { type: "utf8" } },
      listField("indices", { type: "int", bits: 32, signed: false })
    ]
    if (!binary) fields.push(listField("values", { type: "float", bits: 32 }))
    this.#arrow = new ArrowFileWriter(sink, fields, { dims: String(dims) })
  }

  append(rows: Rows): void {
    const first = this.#checks.rows
    this.#checks.add(rows.keys)
    this.#check(rows, first)
    for (let row = 0; row < rows.keys.length; row++) {
      const from = rows.indptr[row]
      const to = rows.indptr[row + 1]
      if (
        this.#batch.rows > 0 &&
        (this.#batch.rows === batchRows || this.#batch.entries + to - from > batchEntries)
      )
        this.#flush()
      this.#batch.add(
        rows.keys[row],
        rows.indices.subarray(from, to),
        rows.values === undefined ? undefined : rows.values.subarray(from, to)
      )
    }
  }

  finish(): Facts {
    if (this.#checks.rows === 0)
      throw new InputError({
        what: "There are no sparse rows.",
        where: this.#where,
        expected: "at least one row",
        next: "check the stage or the file they come from"
      })
    this.#flush()
    this.#arrow.finish()
    const layout = { values: this.#binary ? "binary" : "float32" }
    return { rows: this.#checks.rows, dims: this.#dims, layout }
  }

  #check(rows: Rows, first: number): void {
    const { keys, indptr, indices, values } = rows
    const entries = indptr.length === keys.length + 1 ? indptr[keys.length] : -1
    if (entries !== indices.length || indptr[0] !== 0 || (values !== undefined && values.length !== entries))
      throw new InputError({
        what: `${keys.length} sparse rows come with ${indptr.length} row starts and ${indices.length} column numbers${values === undefined ? "" : ` and ${values.length} values`}.`,
        where: this.#where,
        expected: "row starts from 0 to the number of entries, one more than there are rows"
      })
    if ((values === undefined) !== this.#binary)
      throw mismatch(
        this.#where,
        this.#binary ? "Binary rows were given values." : "Rows came without values."
      )
    for (let row = 0; row < keys.length; row++) {
      if (indptr[row + 1] < indptr[row]) throw this.#wrong(first + row, keys[row], "ends before it starts")
      for (let at = indptr[row]; at < indptr[row + 1]; at++) {
        if (indices[at] >= this.#dims)
          throw this.#wrong(first + row, keys[row], `has an entry in column ${indices[at]}`)
        if (at > indptr[row] && indices[at] <= indices[at - 1])
          throw this.#wrong(first + row, keys[row], "has columns that do not rise")
      }
    }
    const bad = values === undefined ? -1 : firstNonFinite(values)
    if (values === undefined || bad < 0) return
    let row = 0
    while (indptr[row + 1] <= bad) row++
    throw nonFinite(this.#where, first + row, keys[row], values[bad], indices[bad])
  }

  #wrong(row: number, key: string, fault: string): InputError {
    return new InputError({
      what: `Row ${row} (key ${quoted(key)}) ${fault}.`,
      where: this.#where,
      expected: `column numbers in rising order, below ${this.#dims}`
    })
  }

  #flush(): void {
    const batch = this.#batch
    if (batch.rows === 0) return
    this.#batch = new Batch()
    const none = new Uint8Array(0)
    const { offsets, bytes } = encodeTexts(batch.keys)
    const starts = bytesOf(Int32Array.from(batch.starts))
    const nodes = [batch.rows, batch.rows, batch.entries]
    const buffers = [
      none,
      bytesOf(offsets),
      bytes,
      none,
      starts,
      none,
      bytesOf(joined(batch.indices, batch.entries))
    ]
    if (!this.#binary) {
      nodes.push(batch.rows, batch.entries)
      buffers.push(none, starts, none, bytesOf(joinedFloats(batch.values, batch.entries)))
    }
    this.#arrow.batch(batch.rows, nodes, buffers)
  }
}

const listField = (name: string, child: ArrowField["type"]): ArrowField => ({
  name,
  nullable: false,
  type: { type: "list", child: { name: "item", nullable: false, type: child } }
})

/** Rows gathered for one record batch; the arrays are views of what the stage gave. */
class Batch {
  readonly keys: Array<string> = []
  readonly starts: Array<number> = [0]
  readonly indices: Array<Uint32Array> = []
  readonly values: Array<Float32Array> = []
  entries = 0

  get rows(): number {
    return this.keys.length
  }

  add(key: string, indices: Uint32Array, values: Float32Array | undefined): void {
    this.keys.push(key)
    this.indices.push(indices)
    if (values !== undefined) this.values.push(values)
    this.entries += indices.length
    this.starts.push(this.entries)
  }
}

const joined = (parts: ReadonlyArray<Uint32Array>, length: number): Uint32Array => {
  const out = new Uint32Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

const joinedFloats = (parts: ReadonlyArray<Float32Array>, length: number): Float32Array => {
  const out = new Float32Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
