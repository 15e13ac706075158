/**
 * A Parquet file opened: its columns, and the pages of each. Nothing is read before its sizes are checked, and every fault
 * is a `ParquetFault` that says in words what is wrong.
 *
 * The format is decoded here, with the decompressors of hyparquet-compressors and zstd-wasm: hyparquet itself trusts the
 * numbers in a file (docs/results/readers.md names the faults), and checking levels and runs beforehand would unpack all twice.
 */
import type { LeafColumn } from "./columns.ts"
import { columnsOf } from "./columns.ts"
import type { Decompressors } from "./decompress.ts"
import { loadDecompressors } from "./decompress.ts"
import { FileBytes } from "./FileBytes.ts"
import type { Metadata } from "./metadata.ts"
import { readMetadata } from "./metadata.ts"
import { pagesOf, type Page } from "./pages.ts"
import { ParquetFault } from "./ParquetFault.ts"

/** What a file may unpack to: run-length encoding turns a few bytes into any number of values. */
const roomOf = (size: number): number => 2 ** 28 + 1024 * size

export class ParquetFile {
  readonly rows: number
  readonly columns: ReadonlyArray<LeafColumn>
  readonly keyValues: ReadonlyMap<string, string>
  readonly #file: FileBytes
  readonly #metadata: Metadata
  readonly #decompressors: Decompressors
  constructor(file: FileBytes, metadata: Metadata, decompressors: Decompressors) {
    this.#file = file
    this.#metadata = metadata
    this.#decompressors = decompressors
    this.rows = metadata.rows
    this.columns = columnsOf(metadata)
    this.keyValues = metadata.keyValues
  }

  get groups(): ReadonlyArray<{ readonly rows: number }> {
    return this.#metadata.groups
  }

  /** Values and nulls of a column in all row groups. */
  values({ leaf }: LeafColumn): number {
    return this.#metadata.groups.reduce((sum, { chunks }) => sum + chunks[leaf]!.values, 0)
  }

  /** Throws where `cells` numbers or texts are more than a file of this size can be meant to hold. */
  checkCells(cells: number): void {
    if (cells * 8 > roomOf(this.#file.size))
      throw new ParquetFault(
        `it says that it holds ${cells} values, too many for a file of ${this.#file.size} bytes`
      )
  }

  pages(column: LeafColumn, group: number): Generator<Page> {
    const { rows, chunks } = this.#metadata.groups[group]!
    const source = { file: this.#file, decompressors: this.#decompressors, room: roomOf(this.#file.size) }
    return pagesOf(source, column, chunks[column.leaf]!, rows)
  }
}

/** Opens the file at `path` for as long as `use` runs. */
export const withParquet = async <A>(path: string, use: (file: ParquetFile) => A): Promise<A> => {
  const file = new FileBytes(path)
  try {
    const metadata = readMetadata(file)
    const codecs = new Set(metadata.groups.flatMap(({ chunks }) => chunks.map(({ codec }) => codec)))
    return use(new ParquetFile(file, metadata, await loadDecompressors(codecs)))
  } finally {
    file.close()
  }
}
