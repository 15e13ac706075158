/**
 * The content-addressed store.
 *
 * ```
 * <store>/objects/ab/<sha256>.<extension>     immutable bytes, named by their SHA-256
 * <store>/objects/ab/<sha256>.manifest.json   its manifest, with a checksum of itself
 * <store>/records/ab/<fingerprint>.json       fingerprint → outputs, with a checksum of itself; written last
 * <store>/index/                         rebuildable from records and manifests; for fast look-ups
 * <store>/checkpoints/<fingerprint>/     mid-stage state
 * <store>/leases/                        who is computing what; leases expire
 * <store>/quarantine/                    corrupt objects, kept for inspection, never served
 * <store>/runs/<id>/                     run.json, events.jsonl, stage logs, report
 * <store>/tmp/                           files being written, on the same file system
 * <store>/live/                          which processes work here and what each of them needs
 * ```
 *
 * Writes: temporary file, fsync, rename, fsync of the folder; then the record. Many processes may share one store, also
 * over NFS: nothing depends on advisory locks.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { ArtifactError, InputError } from "../schemas/errors.ts"
import type { Kind, ReaderOf, ValueOf } from "../schemas/Kind.ts"
import type { Manifest } from "./Manifest.ts"
import type { NodeRecord } from "./NodeRecord.ts"

/** What `verify` found. Every object is read and hashed again, every manifest and record read. */
export interface Verification {
  readonly objects: number
  readonly bytes: number
  /**
   * Damaged objects, manifests and records, by digest or fingerprint, now in quarantine, and the nodes whose records
   * promise them, which will run again.
   */
  readonly corrupt: ReadonlyArray<{
    readonly digest: string
    readonly detail: string
    readonly nodes: ReadonlyArray<string>
  }>
  /** What this user has no right to read, left where it is. */
  readonly unreadable: ReadonlyArray<{
    readonly digest: string
    readonly detail: string
    readonly nodes: ReadonlyArray<string>
  }>
  /** Records made from what was ever found damaged, until they are forgotten or made again. */
  readonly suspects: ReadonlyArray<Suspect>
  /** How many of the suspects were removed. */
  readonly forgotten: number
}

export interface Suspect {
  readonly fingerprint: string
  /** `pipeline/node`. */
  readonly node: string
  /** The damaged artifact that the record was made from, directly or by way of others. */
  readonly from: string
}

export interface VerifyOptions {
  readonly onProgress?: (done: number, total: number) => void
  /** Remove the suspects: their nodes run again. */
  readonly forget?: boolean
}

export interface Collected {
  readonly objects: number
  readonly bytes: number
  readonly records: number
}

export interface StoreShape {
  readonly root: string

  // objects
  /** Encodes a value with its kind's codec and stores it. Equal bytes are stored once. */
  readonly write: <K extends Kind>(
    kind: K,
    value: ValueOf<K>,
    producer: Manifest["producer"],
    lineage: ReadonlyArray<string>
  ) => Effect.Effect<Manifest, ArtifactError | InputError>
  /**
   * Opens an artifact lazily. Its bytes are hashed before any is read, once a process as long as the file's size, times
   * and inode stay the same; a damaged or unreadable one is put in quarantine with the records that promise it, and fails
   * with `corrupt`. The same is looked at again before and after each read.
   */
  readonly open: <K extends Kind>(kind: K, digest: string) => Effect.Effect<ReaderOf<K>, ArtifactError>
  readonly manifest: (digest: string) => Effect.Effect<Manifest, ArtifactError>
  /** Where an object's bytes are, checked as by `open`. Read-only. */
  readonly pathOf: (digest: string) => Effect.Effect<string, ArtifactError>
  /** As `pathOf`, but hashes the bytes again whatever is remembered of them. */
  readonly recheck: (digest: string) => Effect.Effect<string, ArtifactError>
  /**
   * Copies an object to the new file `to`; fails, and leaves no file, where the bytes that arrived there are not the
   * artifact's. `failure` tells what writing threw.
   */
  readonly copy: <E>(
    digest: string,
    to: string,
    failure: (error: unknown) => E
  ) => Effect.Effect<Manifest, ArtifactError | E>
  /** Whether all of these are present with the right size, their manifests too: two stats each. No byte is read. */
  readonly present: (digests: Iterable<string>) => Effect.Effect<boolean, ArtifactError>
  /** Digests and fingerprints that start with a prefix of at least 4 digits. */
  readonly resolve: (
    prefix: string
  ) => Effect.Effect<
    ReadonlyArray<{ readonly type: "artifact" | "record"; readonly id: string }>,
    ArtifactError
  >

  // records
  readonly record: (fingerprint: string) => Effect.Effect<Option.Option<NodeRecord>, ArtifactError>
  /** The newest record of a node of a pipeline; else the newest of the stage. For reasons only, never for serving. */
  readonly latest: (
    pipeline: string,
    node: string,
    stage?: string
  ) => Effect.Effect<Option.Option<NodeRecord>, ArtifactError>
  /** Durable when it returns. The objects must already be. */
  readonly writeRecord: (record: NodeRecord) => Effect.Effect<void, ArtifactError>
  readonly records: Effect.Effect<ReadonlyArray<NodeRecord>, ArtifactError>

  // what is being used
  /**
   * Holds digests, fingerprints and runs for as long as the store is open, and waits while `gc` goes on: what is there
   * afterwards stays. Where nothing can be written nothing is held.
   */
  readonly hold: (ids: Iterable<string>) => Effect.Effect<void, ArtifactError>
  /** What `look` finds in the store, with everything that `needs` names of it held as if it had been held before. */
  readonly holding: <A, E, R>(
    look: Effect.Effect<A, E, R>,
    needs: (found: A) => Iterable<string>
  ) => Effect.Effect<A, E | ArtifactError, R>

  // leases
  /**
   * Tries to become the one that computes `name`. Some: ours until the scope closes, renewed meanwhile; none: another
   * live process holds it. A lease whose holder stopped renewing it expires and may be taken over.
   */
  readonly lease: (name: string) => Effect.Effect<boolean, ArtifactError, Scope.Scope>

  // upkeep
  readonly verify: (options?: VerifyOptions) => Effect.Effect<Verification, ArtifactError>
  /** Removes what no kept record reaches and no live process holds; `dryRun` only counts, and writes nothing. */
  readonly gc: (options: {
    /** Keep the records of the newest n runs; older records and what only they reach go. */
    readonly keepRuns: number
    readonly dryRun: boolean
  }) => Effect.Effect<Collected, ArtifactError | InputError>
  readonly rebuildIndex: Effect.Effect<{ readonly records: number; readonly objects: number }, ArtifactError>
}

export class Store extends Context.Service<Store, StoreShape>()("asterism/Store") {}
