/**
 * A kind is the schema of an artifact: its name, how its bytes are laid out, and the types a stage writes and reads.
 *
 * Kinds are plain descriptions. The bytes are the business of `artifacts/codecs`, one codec a format; a codec's
 * version is part of every fingerprint that writes the format.
 */
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { ArtifactError } from "./errors.ts"
import type { Matrix, MatrixBlock, SparseRows, Tensor } from "./Matrix.ts"
import type { Columns, Row, Table } from "./Table.ts"

/** How an artifact's bytes are laid out, and which codec reads and writes them. */
export type Format = "matrix" | "sparse" | "table" | "tensors" | "json" | "file"

/** A kind whose stages write a `Value` and read a `Reader`. `Name` makes it nominal: wiring the wrong kind is a type error. */
export interface Kind<out Name extends string = string, out Value = unknown, out Reader = unknown> {
  readonly name: Name
  readonly format: Format
  readonly description: string
  /** Tables only: the columns in the order they are stored. */
  readonly columns?: Columns
  /** JSON only: the schema of the value. */
  readonly schema?: Schema.Top
  /** Files only: the media type of the bytes and the file's extension without the dot. */
  readonly media?: { readonly type: string; readonly extension: string }
  readonly "~value"?: Value
  readonly "~reader"?: Reader
}

/** What a stage returns for an output of kind `K`. */
export type ValueOf<K> = K extends Kind<string, infer Value, unknown> ? Value : never

/** What a stage receives for an input of kind `K`. */
export type ReaderOf<K> = K extends Kind<string, unknown, infer Reader> ? Reader : never

// --- what each format writes and reads ---------------------------------------------------------------------------

/** Written whole, or streamed in blocks of rows so that memory is bounded by the block. */
export type MatrixValue =
  | Matrix
  | {
      readonly dims: number
      readonly precision: "float32" | "float64"
      readonly blocks: Stream.Stream<Pick<Matrix, "keys" | "data">, unknown, never>
    }

/** Reads a matrix whole (one allocation) or block by block (zero-copy views of the file's record batches). */
export interface MatrixReader {
  readonly rows: number
  readonly dims: number
  readonly precision: "float32" | "float64"
  readonly read: Effect.Effect<Matrix, ArtifactError>
  /** As `read`, with values narrowed to float32. */
  readonly readFloat32: Effect.Effect<Matrix<Float32Array>, ArtifactError>
  readonly keys: Effect.Effect<ReadonlyArray<string>, ArtifactError>
  readonly blocks: Stream.Stream<MatrixBlock, ArtifactError>
}

/** Sparse rows, whole or streamed in blocks of consecutive rows. */
export type SparseValue =
  | SparseRows
  | {
      readonly dims: number
      readonly binary: boolean
      readonly blocks: Stream.Stream<Omit<SparseRows, "dims">, unknown, never>
    }

export interface SparseReader {
  readonly rows: number
  readonly dims: number
  readonly binary: boolean
  readonly read: Effect.Effect<SparseRows, ArtifactError>
  readonly blocks: Stream.Stream<SparseRows & { readonly start: number }, ArtifactError>
}

/** The rows of a table; the columns come from the kind. */
export type TableValue<C extends Columns> = ReadonlyArray<Row<C>>

export interface TableReader<C extends Columns> {
  readonly rows: number
  readonly read: Effect.Effect<Table<C>, ArtifactError>
}

/** Named tensors with free-form string metadata: model weights, dictionaries. Stored as safetensors. */
export interface TensorsValue {
  readonly tensors: { readonly [name: string]: Tensor }
  readonly metadata?: { readonly [name: string]: string }
}

export interface TensorsReader {
  readonly read: Effect.Effect<Required<TensorsValue>, ArtifactError>
}

export interface JsonReader<A> {
  readonly read: Effect.Effect<A, ArtifactError>
}

/** A file as it is: bytes in memory, text, or a path whose bytes are moved into the store. */
export type FileValue =
  | { readonly bytes: Uint8Array }
  | { readonly text: string }
  /** A finished file inside the stage's own scratch folder. */
  | { readonly path: string }

export interface FileReader {
  /** Where the bytes are, for libraries that want a path. Read-only. */
  readonly path: string
  readonly bytes: Effect.Effect<Uint8Array, ArtifactError>
  readonly text: Effect.Effect<string, ArtifactError>
}

// --- constructors --------------------------------------------------------------------------------------------------

/** Keyed rows of floats: Arrow IPC, a utf8 key column and a FixedSizeList column, in record batches. */
export const matrix = <const Name extends string>(
  name: Name,
  options: { readonly description: string }
): Kind<Name, MatrixValue, MatrixReader> => ({ name, format: "matrix", ...options })

/** Keyed sparse rows: Arrow IPC, List<uint32> indices and List<float32> values (absent when binary). */
export const sparse = <const Name extends string>(
  name: Name,
  options: { readonly description: string }
): Kind<Name, SparseValue, SparseReader> => ({ name, format: "sparse", ...options })

/** A table with the given columns: Parquet, zstd. */
export const table = <const Name extends string, const C extends Columns>(
  name: Name,
  options: { readonly description: string; readonly columns: C }
): Kind<Name, TableValue<C>, TableReader<C>> => ({ name, format: "table", ...options })

/** Named tensors: safetensors. */
export const tensors = <const Name extends string>(
  name: Name,
  options: { readonly description: string }
): Kind<Name, TensorsValue, TensorsReader> => ({ name, format: "tensors", ...options })

/** A value described by a schema: canonical JSON. */
export const json = <const Name extends string, A, I>(
  name: Name,
  options: { readonly description: string; readonly schema: Schema.Codec<A, I> }
): Kind<Name, A, JsonReader<A>> => ({ name, format: "json", ...options })

/** Bytes with a media type: a package, a page, a picture. */
export const file = <const Name extends string>(
  name: Name,
  options: {
    readonly description: string
    readonly media: { readonly type: string; readonly extension: string }
  }
): Kind<Name, FileValue, FileReader> => ({ name, format: "file", ...options })
