/**
 * Objects: encoding values into them, and opening them with the bytes that their names promise.
 *
 * Whatever is read of an object was hashed by this process before (see `Checked`); whether one is *present* is decided
 * by the sizes of its two files alone, since what is present and damaged is found when it is read.
 */
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { ArtifactError, type InputError } from "../../schemas/errors.ts"
import type { Format, Kind, ReaderOf, ValueOf } from "../../schemas/Kind.ts"
import { codecFor } from "../codecs/codecs.ts"
import { isDamage, mismatch, unreadable, unwritable, whereFrom, writeFailure } from "../failures.ts"
import type { Table } from "../../schemas/Table.ts"
import type { Manifest } from "../Manifest.ts"
import { makeWay } from "./aside.ts"
import { Checked, type Fault } from "./Checked.ts"
import { hold, holdIfPossible, settled, whenSettled } from "./collecting.ts"
import { copyHashing, ReadError } from "./copy.ts"
import { publish, writeTemporary } from "./durable.ts"
import { factsOf } from "./fileFacts.ts"
import { guarded } from "./guard.ts"
import { HashingSink } from "./HashingSink.ts"
import type { Index } from "./Index.ts"
import type { ObjectFacts } from "./indexLines.ts"
import { isId, type Layout, manifestPath, objectPath, safeExtension } from "./layout.ts"
import { manifestText, readManifest } from "./manifests.ts"
import type { Quarantine } from "./quarantine.ts"

export class Objects {
  readonly #layout: Layout
  readonly #index: Index
  readonly #quarantine: Quarantine
  readonly #manifests = new Map<string, Manifest>()
  readonly #checked = new Checked()

  constructor(layout: Layout, index: Index, quarantine: Quarantine) {
    this.#layout = layout
    this.#index = index
    this.#quarantine = quarantine
  }

  // --- writing -----------------------------------------------------------------------------------------------------

  write<K extends Kind>(
    kind: K,
    value: ValueOf<K>,
    producer: Manifest["producer"],
    lineage: ReadonlyArray<string>
  ): Effect.Effect<Manifest, ArtifactError | InputError> {
    const failure = writeFailure(this.#layout.objects)
    return Effect.acquireUseRelease(
      Effect.try({ try: () => new HashingSink(this.#layout.tmp), catch: unwritable(this.#layout.tmp) }),
      (sink) =>
        Effect.gen({ self: this }, function* () {
          const codec = yield* codecFor(kind.format)
          const facts = yield* codec
            .encode(kind, value, sink)
            .pipe(Effect.catchDefect((defect) => Effect.fail(failure(defect))))
          const created = new Date(yield* Effect.clockWith((clock) => clock.currentTimeMillis)).toISOString()
          return yield* Effect.tryPromise({
            try: () =>
              this.#store(sink, {
                digest: sink.finish(),
                kind: kind.name,
                format: kind.format,
                codec: codec.version,
                extension: safeExtension(codec.extension(kind)),
                bytes: sink.position,
                ...facts,
                producer,
                lineage,
                created
              }),
            catch: failure
          })
        }),
      (sink) => Effect.sync(() => sink.discard())
    )
  }

  async #store(sink: HashingSink, manifest: Manifest): Promise<Manifest> {
    const { digest } = manifest
    const object = objectPath(this.#layout, digest, manifest.extension)
    const described = manifestPath(this.#layout, digest)
    // What is there already may be about to be collected; what is not is safe once it is held.
    hold(this.#layout, [digest])
    if (fs.existsSync(described) || fs.existsSync(object)) {
      await settled(this.#layout)
      const known = await this.#existing(digest)
      // An import stays one, whoever made the same bytes before: nothing could make it again.
      if (known !== undefined) return manifest.producer === null ? this.#imported(known, described) : known
      for (const path of [described, object]) makeWay(this.#layout, path)
    }
    const text = manifestText(manifest)
    const written = factsOf(sink.path)
    // The manifest first: an object that can be seen has one.
    await publish([
      { from: writeTemporary(this.#layout.tmp, text), to: described },
      { from: sink.take(), to: object }
    ])
    this.#manifests.set(digest, manifest)
    // Renaming changes only one of a file's times.
    const facts = factsOf(object)
    if (facts !== undefined && facts.inode === written?.inode && facts.mtime === written.mtime)
      this.#checked.remember(digest, facts)
    this.#index.addObject(digest, {
      bytes: manifest.bytes,
      manifestBytes: Buffer.byteLength(text),
      extension: manifest.extension
    })
    return manifest
  }

  async #imported(known: Manifest, described: string): Promise<Manifest> {
    if (known.producer === null) return known
    const manifest: Manifest = { ...known, producer: null }
    await publish([{ from: writeTemporary(this.#layout.tmp, manifestText(manifest)), to: described }])
    this.#manifests.set(known.digest, manifest)
    return manifest
  }

  /** The manifest of an object that is stored already, whole; whoever wrote it first named its producer. */
  async #existing(digest: string): Promise<Manifest | undefined> {
    if (!this.#isPresent(digest)) return undefined
    try {
      const manifest = readManifest(this.#layout, digest)
      const path = objectPath(this.#layout, digest, manifest.extension)
      return (await this.#checked.check(digest, path)) === undefined ? manifest : undefined
    } catch (error) {
      if (error instanceof ArtifactError) return undefined
      throw error
    }
  }

  // --- reading -----------------------------------------------------------------------------------------------------

  /** A damaged manifest is set aside: without one its object is absent, and made again. */
  manifest(digest: string): Effect.Effect<Manifest, ArtifactError> {
    const path = manifestPath(this.#layout, digest)
    return Effect.suspend(() => {
      const known = this.#manifests.get(digest)
      if (known !== undefined) return Effect.succeed(known)
      return Effect.try({ try: () => readManifest(this.#layout, digest), catch: unreadable(path) }).pipe(
        Effect.tap((manifest) => Effect.sync(() => this.#manifests.set(digest, manifest))),
        Effect.catchIf(
          (error) => error.reason === "corrupt",
          () => this.#setManifestAside(digest, "its manifest cannot be read")
        )
      )
    })
  }

  /** Where an object's bytes are, all of them checked. */
  pathOf(digest: string): Effect.Effect<string, ArtifactError> {
    return Effect.flatMap(this.manifest(digest), (manifest) => this.#whole(manifest))
  }

  /** Hashes an object again, whatever is known of it. */
  recheck(digest: string): Effect.Effect<string, ArtifactError> {
    return Effect.suspend(() => {
      this.#checked.forget(digest)
      this.#manifests.delete(digest)
      return this.pathOf(digest)
    })
  }

  /** Opens a whole object; a damaged one goes to quarantine, and the nodes that made it will run again. */
  open<K extends Kind>(kind: K, digest: string): Effect.Effect<ReaderOf<K>, ArtifactError> {
    return Effect.gen({ self: this }, function* () {
      yield* Effect.sync(() => holdIfPossible(this.#layout, [digest]))
      yield* whenSettled(this.#layout)
      const manifest = yield* this.manifest(digest)
      if (!readable(manifest.format, kind.format)) {
        const path = objectPath(this.#layout, digest, manifest.extension)
        return yield* mismatch(path, `The artifact is a ${manifest.format}, not a ${kind.format}.`)
      }
      const path = yield* this.#whole(manifest)
      const codec = yield* codecFor(kind.format)
      const reader = (yield* codec.open(kind, path, manifest)) as ReaderOf<K> & Described
      // What the manifest says of the file is compared with the file.
      if (
        (reader.rows ?? manifest.rows) !== manifest.rows ||
        (reader.dims ?? manifest.dims) !== manifest.dims
      )
        return yield* this.#setManifestAside(digest, "its manifest gives the file another shape than it has")
      const whole = guarded(reader, this.#whole(manifest))
      return (kind.format === "table" ? this.#countingRows(manifest, whole) : whole) as ReaderOf<K>
    })
  }

  /** A table's rows are known only once it is read. */
  #countingRows(manifest: Manifest, reader: Described): Described {
    const { read } = reader as { readonly read: Effect.Effect<Table, ArtifactError> }
    const counted = Effect.tap(read, ({ rows }) =>
      rows.length === manifest.rows
        ? Effect.void
        : this.#setManifestAside(manifest.digest, "its manifest gives the table another number of rows")
    )
    return Object.assign({}, reader, { read: counted })
  }

  /**
   * Copies an object's bytes into the new file `to`; returns its manifest once these bytes are found right. What writing
   * throws is for the caller to tell: the file is the user's. Nothing is left behind.
   */
  copy<E>(
    digest: string,
    to: string,
    failure: (error: unknown) => E
  ): Effect.Effect<Manifest, ArtifactError | E> {
    return Effect.gen({ self: this }, function* () {
      yield* Effect.sync(() => holdIfPossible(this.#layout, [digest]))
      yield* whenSettled(this.#layout)
      const manifest = yield* this.manifest(digest)
      const path = objectPath(this.#layout, digest, manifest.extension)
      const copied = yield* Effect.promise(() =>
        copyHashing(path, to).then(
          (found) => ({ found }) as const,
          (error: unknown) => ({ error }) as const
        )
      )
      if ("found" in copied && copied.found === digest) return manifest
      if ("error" in copied && !(copied.error instanceof ReadError))
        return yield* Effect.fail(failure(copied.error))
      // Fails with what is wrong with the object, if anything still is.
      yield* this.recheck(digest)
      return yield* new ArtifactError({
        reason: "unreadable",
        path,
        detail: "The artifact changed while it was copied.",
        next: "run the same command again"
      })
    }).pipe(Effect.onError(() => Effect.sync(() => fs.rmSync(to, { force: true }))))
  }

  // --- presence ----------------------------------------------------------------------------------------------------

  present(digests: Iterable<string>): Effect.Effect<boolean, ArtifactError> {
    return Effect.try({
      try: () => {
        for (const digest of digests) if (!this.#isPresent(digest)) return false
        return true
      },
      catch: unreadable(this.#layout.objects)
    })
  }

  /** By the sizes of the object and of its manifest. */
  #isPresent(digest: string): boolean {
    const hint = this.#index.object(digest)
    try {
      if (hint !== undefined && this.#fits(digest, hint)) return true
      // Most that the index does not know are new: looking costs less than an exception.
      const described = fs.statSync(manifestPath(this.#layout, digest), { throwIfNoEntry: false })
      if (described === undefined || !isId(digest)) return false
      const { bytes, extension } = readManifest(this.#layout, digest)
      const facts = { bytes, extension, manifestBytes: described.size }
      if (!this.#fits(digest, facts)) return false
      this.#index.addObject(digest, facts)
      return true
    } catch (error) {
      if (isDamage(error) || error instanceof ArtifactError) return false
      throw error
    }
  }

  #fits(digest: string, { bytes, manifestBytes, extension }: ObjectFacts): boolean {
    return (
      hasSize(objectPath(this.#layout, digest, extension), bytes) &&
      hasSize(manifestPath(this.#layout, digest), manifestBytes)
    )
  }

  // --- checks ------------------------------------------------------------------------------------------------------

  /** The object's path, once its bytes are known to be right. */
  #whole(manifest: Manifest): Effect.Effect<string, ArtifactError> {
    const { digest, extension, bytes } = manifest
    const path = objectPath(this.#layout, digest, extension)
    const next = (fault: Fault | undefined): Effect.Effect<string, ArtifactError> => {
      if (fault === undefined)
        return hasSize(path, bytes)
          ? Effect.succeed(path)
          : this.#setManifestAside(digest, "its manifest gives the file another size than it has")
      if (fault.type !== "missing") return this.#setAside(manifest, fault.detail)
      return Effect.fail(absent(path, manifest))
    }
    return Effect.suspend(() => {
      const found = this.#checked.check(digest, path)
      if (!(found instanceof Promise)) return next(found)
      return Effect.flatMap(Effect.tryPromise({ try: () => found, catch: unreadable(path) }), next)
    })
  }

  #setAside(manifest: Manifest, detail: string): Effect.Effect<never, ArtifactError> {
    const { digest, extension, producer } = manifest
    const path = objectPath(this.#layout, digest, extension)
    return Effect.flatMap(
      Effect.try({
        try: () => {
          this.#checked.forget(digest)
          this.#manifests.delete(digest)
          this.#quarantine.object(digest)
        },
        catch: unwritable(path)
      }),
      () => damaged(path, `${detail}; it was moved to quarantine`, producer === null)
    )
  }

  #setManifestAside(digest: string, detail: string): Effect.Effect<never, ArtifactError> {
    const path = manifestPath(this.#layout, digest)
    return Effect.flatMap(
      Effect.try({
        try: () => {
          this.#manifests.delete(digest)
          this.#quarantine.manifest(digest)
        },
        catch: unwritable(path)
      }),
      () => damaged(path, `${detail}; it was moved to quarantine`, undefined)
    )
  }
}

interface Described {
  readonly rows?: number
  readonly dims?: number
}

/** Bytes that need no facts from their manifest may be read as another format than they were written as. */
const readable = (written: Format, wanted: Format): boolean =>
  written === wanted ||
  ((written === "json" || written === "file") && (wanted === "json" || wanted === "file"))

const hasSize = (path: string, bytes: number): boolean => {
  const stat = fs.statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && stat.size === bytes && stat.isFile()
}

const damaged = (path: string, detail: string, imported: boolean | undefined): ArtifactError =>
  new ArtifactError({
    reason: "corrupt",
    path,
    detail: `The artifact is damaged: ${detail}.`,
    next: whereFrom(imported)
  })

const absent = (path: string, { producer }: Manifest): ArtifactError =>
  new ArtifactError({
    reason: "missing",
    path,
    detail: "The artifact is not in the store.",
    next: whereFrom(producer === null)
  })
