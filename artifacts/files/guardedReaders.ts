/**
 * The readers of untrusted files that run in a thread (`guarded.ts`), by name. Both sides load this: the thread to read,
 * the caller to read in its own thread where there is no program on disk to start one from.
 */
import type { RawMatrix } from "./UserMatrix.ts"

/** What a reader may be told beside the path; plain data, so that it can be sent. */
export type GuardedOptions = { readonly [name: string]: unknown } | undefined

type Reader = (path: string, options: GuardedOptions) => Promise<RawMatrix>

export type GuardedFormat = "parquet" | "arrow"

export const guardedReaders: { readonly [format in GuardedFormat]: Reader } = {
  parquet: async (path, options) =>
    ((await import("./parquetMatrix.ts")).readParquetMatrix as Reader)(path, options),
  arrow: async (path, options) =>
    ((await import("./arrowMatrix.ts")).readArrowMatrix as Reader)(path, options)
}

/** Loads what a format's reader will need, so that reading does not wait for it. */
export const warm: { readonly [format in GuardedFormat]: () => Promise<unknown> } = {
  parquet: () =>
    Promise.all([import("./parquetMatrix.ts"), import("hyparquet"), import("hyparquet-compressors")]),
  arrow: () =>
    Promise.all([import("./arrowMatrix.ts"), import("apache-arrow"), import("hyparquet-compressors")])
}
