/** Objects: encoding values into them, opening them, and whether they are there with the bytes their names promise. */
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ArtifactError, type InputError } from "../../schemas/errors.ts"
import type { Format, Kind, ReaderOf, ValueOf } from "../../schemas/Kind.ts"
import { canonicalJson } from "../canonicalJson.ts"
import { codecFor } from "../codecs/codecs.ts"
import { corrupt, mismatch, unreadable, unwritable, writeFailure } from "../failures.ts"
import { Manifest } from "../Manifest.ts"
import { hold, holdIfPossible, settled, whenSettled } from "./collecting.ts"
import { publish, writeTemporary } from "./durable.ts"
import { HashingSink } from "./HashingSink.ts"
import type { Index, ObjectFacts } from "./Index.ts"
import { isId, type Layout, manifestPath, objectPath, safeExtension } from "./layout.ts"
import type { Quarantine } from "./quarantine.ts"

const decodeManifest = Schema.decodeUnknownSync(Schema.fromJsonString(Manifest))

/** Throws `ArtifactError`: missing, or corrupt. */
export const readManifest = (layout: Layout, digest: string): Manifest => {
  const path = manifestPath(layout, digest)
  if (!isId(digest)) throw mismatch(digest, "An artifact's name has 64 hexadecimal digits.")
  let text: string
  try {
    text = fs.readFileSync(path, "utf8")
  } catch (error) {
    throw unreadable(path)(error)
  }
  try {
    return decodeManifest(text)
  } catch {
    throw corrupt(path, "its manifest cannot be read")
  }
}

export class Objects {
  readonly #layout: Layout
  readonly #index: Index
  readonly #quarantine: Quarantine
  readonly #manifests = new Map<string, Manifest>()

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
    const object = objectPath(this.#layout, manifest.digest, manifest.extension)
    // What is there already may be about to be collected; what is not is safe once it is held.
    hold(this.#layout, [manifest.digest])
    if (fs.existsSync(manifestPath(this.#layout, manifest.digest)) || fs.existsSync(object))
      await settled(this.#layout)
    const known = this.#existing(manifest.digest)
    if (known !== undefined) return known
    const text = writeTemporary(this.#layout.tmp, `${canonicalJson(manifest)}\n`)
    try {
      // The manifest first: an object that can be seen has one.
      await publish([
        { from: text, to: manifestPath(this.#layout, manifest.digest) },
        { from: sink.path, to: object }
      ])
      this.#manifests.set(manifest.digest, manifest)
      this.#remember(manifest, fs.statSync(object).mtimeMs)
      return manifest
    } finally {
      fs.rmSync(text, { force: true })
    }
  }

  /** The manifest of an object that is stored already, whole; whoever wrote it first named its producer. */
  #existing(digest: string): Manifest | undefined {
    // Most objects are new: looking costs less than an exception.
    if (!this.#manifests.has(digest) && !fs.existsSync(manifestPath(this.#layout, digest))) return undefined
    try {
      return this.#isWhole(digest) ? this.#manifest(digest) : undefined
    } catch (error) {
      if (error instanceof ArtifactError) return undefined
      throw error
    }
  }

  // --- reading -----------------------------------------------------------------------------------------------------

  manifest(digest: string): Effect.Effect<Manifest, ArtifactError> {
    return Effect.try({
      try: () => this.#manifest(digest),
      catch: unreadable(manifestPath(this.#layout, digest))
    })
  }

  pathOf(digest: string): Effect.Effect<string, ArtifactError> {
    return Effect.map(this.manifest(digest), ({ extension }) => objectPath(this.#layout, digest, extension))
  }

  /** Opens a whole object; a damaged one goes to quarantine, and the nodes that made it will run again. */
  open<K extends Kind>(kind: K, digest: string): Effect.Effect<ReaderOf<K>, ArtifactError> {
    return Effect.gen({ self: this }, function* () {
      yield* Effect.sync(() => holdIfPossible(this.#layout, [digest]))
      yield* whenSettled(this.#layout)
      const manifest = yield* this.manifest(digest)
      const path = objectPath(this.#layout, digest, manifest.extension)
      if (!readable(manifest.format, kind.format))
        return yield* mismatch(path, `The artifact is a ${manifest.format}, not a ${kind.format}.`)
      const whole = yield* Effect.try({ try: () => this.#isWhole(digest), catch: unreadable(path) })
      if (!whole) {
        if (fs.existsSync(path)) return yield* this.#setAside(digest, path)
        return yield* unreadable(path)(Object.assign(new Error("no such file"), { code: "ENOENT" }))
      }
      const codec = yield* codecFor(kind.format)
      return (yield* codec.open(kind, path, manifest)) as ReaderOf<K>
    })
  }

  present(digests: Iterable<string>): Effect.Effect<boolean, ArtifactError> {
    return Effect.try({
      try: () => {
        for (const digest of digests) if (!this.#isPresent(digest)) return false
        return true
      },
      catch: unreadable(this.#layout.objects)
    })
  }

  #manifest(digest: string): Manifest {
    const known = this.#manifests.get(digest)
    if (known !== undefined) return known
    const manifest = readManifest(this.#layout, digest)
    this.#manifests.set(digest, manifest)
    return manifest
  }

  #isPresent(digest: string): boolean {
    try {
      return this.#isWhole(digest)
    } catch (error) {
      if (error instanceof ArtifactError && (error.reason === "missing" || error.reason === "corrupt"))
        return false
      throw error
    }
  }

  /**
   * One stat. The bytes are hashed again only where the file's size is right and its modification time is not the one
   * at which they were last known to be right: somebody touched it, or the index does not know it.
   */
  #isWhole(digest: string): boolean {
    let facts = this.#index.object(digest)
    if (facts === undefined) {
      this.#index.refresh()
      facts = this.#index.object(digest)
    }
    const { bytes, extension } = facts ?? this.#manifest(digest)
    const path = objectPath(this.#layout, digest, extension)
    const stat = fs.statSync(path, { throwIfNoEntry: false })
    if (stat === undefined || stat.size !== bytes) return false
    if (facts?.mtime === stat.mtimeMs) return true
    if (hashOf(path) !== digest) return false
    this.#index.addObject(digest, { bytes, extension, mtime: stat.mtimeMs })
    return true
  }

  #remember(manifest: Manifest, mtime: number): void {
    const facts: ObjectFacts = { bytes: manifest.bytes, extension: manifest.extension, mtime }
    this.#index.addObject(manifest.digest, facts)
  }

  #setAside(digest: string, path: string): Effect.Effect<never, ArtifactError> {
    return Effect.flatMap(
      Effect.try({
        try: () => {
          this.#manifests.delete(digest)
          return this.#quarantine.object(digest)
        },
        catch: unwritable(path)
      }),
      () => corrupt(path, "its bytes are not those it was stored with, and it was moved to quarantine")
    )
  }
}

/** Bytes that need no facts from their manifest may be read as another format than they were written as. */
const readable = (written: Format, wanted: Format): boolean =>
  written === wanted ||
  ((written === "json" || written === "file") && (wanted === "json" || wanted === "file"))

/** SHA-256 of a file, read in blocks. */
export const hashOf = (path: string): string => {
  const hash = createHash("sha256")
  const file = fs.openSync(path, "r")
  try {
    const buffer = new Uint8Array(4 << 20)
    for (;;) {
      const got = fs.readSync(file, buffer, 0, buffer.byteLength, null)
      if (got === 0) return hash.digest("hex")
      hash.update(got === buffer.byteLength ? buffer : buffer.subarray(0, got))
    }
  } finally {
    fs.closeSync(file)
  }
}
