/**
 * A codec turns values of one format into bytes and bytes into a lazy reader. The same value always gives the same
 * bytes: on any machine, for any division of a stream into blocks, for any number of threads.
 */
import type * as Effect from "effect/Effect"
import type { ArtifactError, InputError } from "../../schemas/errors.ts"
import type { Format, Kind } from "../../schemas/Kind.ts"

/** Where a codec appends bytes. Synchronous: blocks are bounded, and the store hashes them as they pass. */
export interface Sink {
  /** Bytes appended so far. */
  readonly position: number
  readonly write: (bytes: Uint8Array) => void
  /** Takes a finished file as the whole content; the file is moved where the file system allows. */
  readonly adopt: (path: string) => void
}

/** What the codec knows of the bytes it wrote; goes into the manifest. */
export interface Facts {
  readonly rows: number | null
  readonly dims: number | null
  /** Column names and types for tables, precision for matrices, media type for files. */
  readonly layout: { readonly [name: string]: string }
}

export interface Codec {
  readonly format: Format
  /** Part of the fingerprint of every node that writes the format: raise it when the bytes or their meaning change. */
  readonly version: number
  /** The file's extension without the dot. */
  readonly extension: (kind: Kind) => string
  readonly encode: (
    kind: Kind,
    value: unknown,
    sink: Sink
  ) => Effect.Effect<Facts, ArtifactError | InputError>
  /** Opens lazily: metadata is read now, values when the reader is asked. */
  readonly open: (kind: Kind, path: string, facts: Facts) => Effect.Effect<unknown, ArtifactError>
}
