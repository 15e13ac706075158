/** Writes a table as CSV or TSV. */
import * as Effect from "effect/Effect"
import { InputError } from "../../schemas/errors.ts"
import type { Table } from "../../schemas/Table.ts"
import { faultText } from "../faultText.ts"
import { writeCsv } from "./csv.ts"
import { fileError } from "./UserMatrix.ts"

/** Turns what a write throws into an InputError about the file. */
export const writeError =
  (path: string) =>
  (error: unknown): InputError =>
    error instanceof InputError
      ? error
      : fileError(
          path,
          `The file cannot be written: ${faultText(error, "its contents do not fit the format")}.`,
          "a file name in a folder you may write"
        )

export const writeTable = (path: string, table: Table): Effect.Effect<void, InputError> =>
  Effect.try({
    try: () => {
      const names = Object.keys(table.columns)
      const rows = table.rows as ReadonlyArray<{ readonly [name: string]: unknown }>
      writeCsv(
        path,
        names,
        rows.map((row) => names.map((name) => row[name]))
      )
    },
    catch: writeError(path)
  })
