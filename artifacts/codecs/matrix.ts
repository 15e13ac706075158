/**
 * Keyed rows of floats as an Arrow IPC file: `key` (utf8) and `values` (FixedSizeList of float32 or float64), in record
 * batches of at most 8 MiB of values. The division into batches depends on the row length alone, so a matrix written
 * whole and one written in blocks have the same bytes.
 *
 * Reading is one pass from the page cache into aligned memory. Measured: bench/artifacts.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { MatrixValue } from "../../schemas/Kind.ts"
import { InputError } from "../../schemas/errors.ts"
import { mismatch, writeFailure } from "../failures.ts"
import type { Codec, Facts, Sink } from "./Codec.ts"
import { ArrowFileWriter } from "./arrow/ArrowFileWriter.ts"
import { bytesOf } from "./arrow/regions.ts"
import { encodeTexts } from "./arrow/utf8Column.ts"
import { streamFailure } from "./blocks.ts"
import { openMatrix } from "./matrixReader.ts"
import { firstNonFinite, KeyChecks, nonFinite } from "./rowChecks.ts"
import { codecVersions } from "./versions.ts"

/** Bytes of values in a record batch. */
export const batchBytes = 8 << 20

export const matrixCodec: Codec = {
  format: "matrix",
  version: codecVersions.matrix,
  extension: () => "arrow",
  encode: (kind, value, sink) => encode(kind.name, value as MatrixValue, sink),
  open: (_kind, path) => openMatrix(path)
}

type Values = Float32Array | Float64Array

const encode = Effect.fnUntraced(function* (where: string, value: MatrixValue, sink: Sink) {
  const failure = writeFailure(where)
  if ("data" in value) {
    return yield* Effect.try({
      try: () => {
        const precision = value.data instanceof Float64Array ? "float64" : "float32"
        const writer = new MatrixWriter(where, value.dims, precision, sink)
        writer.append(value.keys, value.data)
        return writer.finish()
      },
      catch: failure
    })
  }
  const writer = yield* Effect.try({
    try: () => new MatrixWriter(where, value.dims, value.precision, sink),
    catch: failure
  })
  yield* value.blocks.pipe(
    Stream.mapError(streamFailure(where)),
    Stream.runForEach((block) =>
      Effect.try({ try: () => writer.append(block.keys, block.data), catch: failure })
    )
  )
  return yield* Effect.try({ try: () => writer.finish(), catch: failure })
})

class MatrixWriter {
  readonly #where: string
  readonly #dims: number
  readonly #precision: "float32" | "float64"
  readonly #arrow: ArrowFileWriter
  readonly #checks: KeyChecks
  readonly #batchRows: number
  /** Rows that do not fill a batch yet. */
  #keys: Array<string> = []
  #pending: Values | undefined

  constructor(where: string, dims: number, precision: "float32" | "float64", sink: Sink) {
    if (!Number.isInteger(dims) || dims < 1)
      throw new InputError({
        what: `The matrix has ${dims} columns.`,
        where,
        expected: "at least one column",
        next: "check how the matrix was made"
      })
    this.#where = where
    this.#dims = dims
    this.#precision = precision
    this.#checks = new KeyChecks(where)
    const bits = precision === "float32" ? 32 : 64
    this.#batchRows = Math.max(1, Math.floor(batchBytes / ((dims * bits) / 8)))
    const child = { name: "item", nullable: false, type: { type: "float", bits } } as const
    this.#arrow = new ArrowFileWriter(sink, [
      { name: "key", nullable: false, type: { type: "utf8" } },
      { name: "values", nullable: false, type: { type: "fixedSizeList", size: dims, child } }
    ])
  }

  append(keys: ReadonlyArray<string>, data: Values): void {
    const dims = this.#dims
    if (data.length !== keys.length * dims)
      throw new InputError({
        what: `${keys.length} keys come with ${data.length} values.`,
        where: this.#where,
        expected: `${keys.length} × ${dims} = ${keys.length * dims} values`,
        next: "check how the matrix was made"
      })
    const expected = this.#precision === "float32" ? Float32Array : Float64Array
    if (!(data instanceof expected))
      throw mismatch(this.#where, `A matrix of ${this.#precision} was given a ${data.constructor.name}.`)
    const first = this.#checks.rows
    this.#checks.add(keys)
    const bad = firstNonFinite(data)
    if (bad >= 0) {
      const row = Math.floor(bad / dims)
      throw nonFinite(this.#where, first + row, keys[row], data[bad], bad % dims)
    }
    let row = 0
    while (row < keys.length) {
      const room = this.#batchRows - this.#keys.length
      const count = Math.min(room, keys.length - row)
      const values = data.subarray(row * dims, (row + count) * dims)
      const part = row === 0 && count === keys.length ? keys : keys.slice(row, row + count)
      if (count === this.#batchRows) this.#write(part, values)
      else this.#hold(part, values)
      row += count
    }
  }

  finish(): Facts {
    const rows = this.#checks.rows
    if (rows === 0)
      throw new InputError({
        what: "The matrix has no rows.",
        where: this.#where,
        expected: "at least one row",
        next: "check the stage or the file it comes from"
      })
    if (this.#keys.length > 0)
      this.#write(this.#keys, (this.#pending as Values).subarray(0, this.#keys.length * this.#dims))
    this.#arrow.finish()
    return { rows, dims: this.#dims, layout: { precision: this.#precision } }
  }

  #hold(keys: ReadonlyArray<string>, values: Values): void {
    const length = this.#batchRows * this.#dims
    this.#pending ??= this.#precision === "float32" ? new Float32Array(length) : new Float64Array(length)
    this.#pending.set(values, this.#keys.length * this.#dims)
    for (const key of keys) this.#keys.push(key)
    if (this.#keys.length < this.#batchRows) return
    this.#write(this.#keys, this.#pending)
    this.#keys = []
  }

  #write(keys: ReadonlyArray<string>, values: Values): void {
    const { offsets, bytes } = encodeTexts(keys)
    const none = new Uint8Array(0)
    this.#arrow.batch(
      keys.length,
      [keys.length, keys.length, values.length],
      [none, bytesOf(offsets), bytes, none, none, bytesOf(values)]
    )
  }
}
