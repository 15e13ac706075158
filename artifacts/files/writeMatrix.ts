/** Writes a matrix for other tools, by the extension of the file's name. */
import * as Effect from "effect/Effect"
import { closeSync, openSync, writeFileSync } from "node:fs"
import { extname } from "node:path"
import type { InputError } from "../../schemas/errors.ts"
import type { Matrix } from "../../schemas/Matrix.ts"
import { writeCsv } from "./csv.ts"
import { writeNpy } from "./npy.ts"
import { writeNpz } from "./npz.ts"
import { writeParquetMatrix } from "./parquetMatrix.ts"
import { fileError } from "./UserMatrix.ts"
import { writeError } from "./writeTable.ts"

function* csvRows({ keys, dims, data }: Matrix): Iterable<ReadonlyArray<unknown>> {
  for (let i = 0; i < keys.length; i++) yield [keys[i], ...data.subarray(i * dims, (i + 1) * dims)]
}

/** In blocks: one text of all lines would end at 512 MB. */
const writeLines = (path: string, lines: ReadonlyArray<string>): void => {
  const file = openSync(path, "w")
  try {
    for (let at = 0; at < lines.length; at += 10_000) {
      writeFileSync(file, `${lines.slice(at, at + 10_000).join("\n")}\n`)
    }
  } finally {
    closeSync(file)
  }
}

/**
 * `.npy` holds the numbers only: the keys go into `<path>.keys.txt`, one a line. `.npz` holds `values` and `keys`; csv
 * and parquet have a key column.
 */
export const writeMatrix = (path: string, matrix: Matrix): Effect.Effect<void, InputError> =>
  Effect.tryPromise({
    try: async () => {
      const { keys, dims, data } = matrix
      switch (extname(path).toLowerCase()) {
        case ".npy":
          if (keys.some((key) => /[\r\n]/.test(key)))
            throw fileError(path, "A key contains a line break, which the file of keys cannot hold.", "npz")
          writeNpy(path, [keys.length, dims], data)
          return writeLines(`${path}.keys.txt`, keys)
        case ".npz":
          return writeNpz(path, keys, [keys.length, dims], data)
        case ".csv":
        case ".tsv":
          return writeCsv(path, ["key", ...Array.from({ length: dims }, (_, j) => `d${j}`)], csvRows(matrix))
        case ".parquet":
          return await writeParquetMatrix(path, keys, dims, data)
        default:
          throw fileError(
            path,
            `Matrices are not written as '${extname(path)}'.`,
            "npy, npz, csv, tsv or parquet"
          )
      }
    },
    catch: writeError(path)
  })
