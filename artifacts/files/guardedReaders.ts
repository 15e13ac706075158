/**
 * The readers of untrusted files that run in a thread (`guarded.ts`), by name. Both sides load this: the thread to read,
 * the caller to read in its own thread where there is no program on disk to start one from.
 */
import type { MatrixReader } from "./UserMatrix.ts"

export type GuardedFormat = "parquet" | "arrow"

export const loadReader: { readonly [format in GuardedFormat]: () => Promise<MatrixReader> } = {
  parquet: async () => (await import("./parquetMatrix.ts")).readParquetMatrix,
  arrow: async () => (await import("./arrowMatrix.ts")).readArrowMatrix
}
