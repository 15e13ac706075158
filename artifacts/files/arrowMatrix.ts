/**
 * A matrix in an Arrow IPC file or stream (`.arrow`, `.feather`, `.ipc`), plain or compressed with LZ4 or zstd, as
 * pyarrow, pandas and polars write it.
 *
 * The file is read by our own code, batch by batch: its metadata are checked first, then the chosen columns go from the
 * file to the matrix. In memory are the matrix, and of one batch the columns that are not copied as they are.
 */
import * as fs from "node:fs"
import { Malformed } from "../codecs/arrow/flatTable.ts"
import type { Unpack } from "./arrow/BatchBuffer.ts"
import { kindOf, pandasIndex } from "./arrow/columnKinds.ts"
import { Dictionaries } from "./arrow/Dictionaries.ts"
import { firstLength, isList, readLists } from "./arrow/lists.ts"
import { isNull, textsOf } from "./arrow/lookup.ts"
import { type Complaint, readNumbers, type Values } from "./arrow/numbers.ts"
import { type Part, partsOf } from "./arrow/parts.ts"
import { type ArrowSource, openSource } from "./arrow/source.ts"
import { loadUnpack, roomFor } from "./arrow/unpack.ts"
import { chooseColumns, type Choice } from "./columns.ts"
import type { MatrixReader, RawMatrix } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

export const readArrowMatrix: MatrixReader = async (path, { columns }) => {
  const file = fs.openSync(path, "r")
  try {
    const { size } = fs.fstatSync(file)
    refuseOthers(path, file)
    const source = openSource(file, size)
    return new MatrixReading(path, source, await loadUnpack(source), columns).read()
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    // Whatever else does not fit is said in our words, not in the engine's.
    const fault = error instanceof Malformed ? error.message : "its parts do not fit each other, or memory"
    throw fileError(
      path,
      `The Arrow file cannot be read: ${fault}.`,
      "an Arrow IPC file or stream, written whole",
      "write it again, or as Parquet"
    )
  } finally {
    fs.closeSync(file)
  }
}

/** Files of other formats that go by the same names. */
const refuseOthers = (path: string, file: number): void => {
  const head = Buffer.alloc(6)
  fs.readSync(file, head, 0, 6, 0)
  const text = head.toString("latin1")
  if (text.startsWith("FEA1"))
    throw fileError(
      path,
      "This is a Feather file of version 1, which is not read.",
      "Feather version 2, which is Arrow IPC",
      "write it with pandas' to_feather or pyarrow's write_feather(…, version=2)"
    )
  if (text.startsWith("PAR1"))
    throw fileError(
      path,
      "This is a Parquet file.",
      "an Arrow IPC file or stream",
      "rename it to end in .parquet"
    )
}

/** One reading of one file, batch by batch. */
class MatrixReading {
  readonly #path: string
  readonly #source: ArrowSource
  readonly #unpack: Unpack
  readonly #choice: Choice

  constructor(path: string, source: ArrowSource, unpack: Unpack, columns: ReadonlyArray<string> | undefined) {
    this.#path = path
    this.#source = source
    this.#unpack = unpack
    const levels = pandasIndex(source.metadata)
    const described = source.fields.map((field, i) => ({
      name: field.name,
      kind: kindOf(field),
      index: levels.has(field.name),
      rowNumbers: () => this.#areDistinct(i)
    }))
    this.#choice = chooseColumns(path, described, columns)
  }

  read(): RawMatrix {
    const { key, coordinates, notes } = this.#choice
    const rows = this.#countRows()
    if (rows === 0) throw fileError(this.#path, "The Arrow file has no rows.", "at least one row")
    const [only] = coordinates
    const list = isList(this.#source.fields[only!]!.type)
    const dims = list ? this.#listLength(only!) : coordinates.length
    const data = this.#allocate(rows, dims, list && this.#isSingle(only!))
    const keys: Array<string> | null = key === null ? null : []
    this.#eachBatch((parts, first, dictionaries) => {
      if (keys !== null) {
        const texts = this.#within(key!, first, () => textsOf(parts[key!]!, dictionaries))
        texts.forEach((text, i) => {
          if (text === null) throw this.#complaint(key!, first, { at: i, what: isNull })
          keys.push(text)
        })
      }
      coordinates.forEach((column, j) => {
        const part = parts[column]!
        const wrong = this.#within(column, first, () =>
          list
            ? readLists(part, dims, data, first * dims, dictionaries)
            : readNumbers(
                part,
                0,
                part.length,
                { into: data, start: first * dims + j, stride: dims },
                dictionaries
              )
        )
        if (wrong !== undefined) throw this.#complaint(column, first, wrong)
      })
    })
    return { keys, rows, dims, data, notes: [...notes, ...this.#source.notes] }
  }

  /** Checks the layout of every batch before anything is allocated. */
  #countRows(): number {
    let rows = 0
    this.#eachBatch((_, first, __, count) => {
      rows = first + count
    })
    return rows
  }

  /** The batches that have rows, in order, with the dictionaries as they are then. */
  #eachBatch(
    use: (parts: ReadonlyArray<Part>, first: number, dictionaries: Dictionaries, rows: number) => void
  ): void {
    const dictionaries = new Dictionaries(this.#source, this.#unpack)
    let first = 0
    for (const step of this.#source.steps)
      if (step.kind === "dictionary") dictionaries.add(step.dictionary)
      else {
        const parts = partsOf(this.#source, step.batch, this.#source.fields, this.#unpack)
        if (step.batch.rows > 0) use(parts, first, dictionaries, step.batch.rows)
        first += step.batch.rows
      }
  }

  /** How long the list of row 0 is. */
  #listLength(column: number): number {
    let length: number | undefined
    this.#eachBatch((parts, first) => {
      if (length !== undefined) return
      const found = this.#within(column, first, () => firstLength(parts[column]!))
      if (typeof found !== "number") throw this.#complaint(column, first, found)
      length = found
    })
    return length ?? 0
  }

  /** Whether a column's lists hold numbers that float32 holds exactly, in two or four bytes. */
  #isSingle(column: number): boolean {
    const { type } = this.#source.fields[column]!
    if (!("child" in type)) return false
    const { type: child } = type.child
    return child.type === "half" || child.type === "bfloat16" || (child.type === "float" && child.bits === 32)
  }

  #allocate(rows: number, dims: number, single: boolean): Values {
    const bytes = rows * dims * (single ? 4 : 8)
    if (rows * dims >= 2 ** 32 || bytes > roomFor(this.#source.size))
      throw fileError(
        this.#path,
        `The matrix of ${rows} × ${dims} numbers would take ${bytes} bytes, from a file of ${this.#source.size}.`,
        "fewer than 2^32 numbers, and at most 256 times the size of the file",
        "write the rows in several files, or without compression"
      )
    return single ? new Float32Array(rows * dims) : new Float64Array(rows * dims)
  }

  /** Whether a column of numbers holds whole ones, none of them twice. */
  #areDistinct(column: number): boolean {
    const whole = kindOf(this.#source.fields[column]!) === "integer"
    const seen = new Set<string | number>()
    let distinct = true
    this.#eachBatch((parts, first, dictionaries, rows) => {
      if (!distinct) return
      const part = parts[column]!
      this.#within(column, first, () => {
        // As texts, since two ids past 2^53 may be one number.
        const values = whole ? textsOf(part, dictionaries) : floats(part, rows, dictionaries)
        for (const value of values ?? [])
          if (typeof value === "string" || Number.isInteger(value)) seen.add(value!)
      })
      distinct = seen.size === first + rows
    })
    return distinct
  }

  /** Says in which column and rows a batch is malformed. */
  #within<A>(column: number, first: number, use: () => A): A {
    try {
      return use()
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      const { name } = this.#source.fields[column]!
      throw new Malformed(`${error.message} (column '${name}', in the batch that starts at row ${first})`)
    }
  }

  #complaint(column: number, first: number, { at, what }: Complaint): Error {
    const { name } = this.#source.fields[column]!
    return fileError(
      this.#path,
      `Row ${first + at} of column '${name}' ${what}.`,
      column === this.#choice.key ? "a key in each row" : "finite numbers, as many in each row",
      "drop or fill the row, or convert the column"
    )
  }
}

/** The values of a part; undefined where one is null. */
const floats = (part: Part, rows: number, dictionaries: Dictionaries): Float64Array | undefined => {
  const into = new Float64Array(rows)
  const wrong = readNumbers(part, 0, rows, { into, start: 0, stride: 1 }, dictionaries)
  return wrong === undefined ? into : undefined
}
