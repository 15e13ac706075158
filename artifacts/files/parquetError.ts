/** What is wrong with a user's Parquet file, as an InputError. */
import { ParquetFault } from "../codecs/parquet/ParquetFault.ts"
import { fileError } from "./UserMatrix.ts"

/** A fault of the file as an InputError; what else was thrown, as it is. */
export const parquetError = (path: string, error: unknown): unknown =>
  error instanceof ParquetFault
    ? fileError(
        path,
        `The Parquet file cannot be read: ${error.message}.`,
        "a Parquet file written whole",
        error.next ?? "write it again, or check that it was copied whole"
      )
    : error
