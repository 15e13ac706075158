/**
 * Reads files out of a package's tarball as a stream: nothing is unpacked to disk, and memory is bounded by what the
 * caller keeps. Cost: one pass over the archive, about 200 MB of unpacked bytes a second.
 */
import * as Effect from "effect/Effect"
import { createReadStream } from "node:fs"
import { faultText } from "../../artifacts/faultText.ts"
import { InputError } from "../../schemas/errors.ts"
import type { FileReader } from "../../schemas/Kind.ts"

/** Path of an entry inside its package: npm tarballs put everything under one folder, usually `package/`. */
const inside = (path: string): string => path.replace(/^[^/]*\//, "")

type Consume = (chunk: Uint8Array) => void

/** Passes the bytes of the chosen files, in archive order, to what `choose` returns for them. */
const scan = async (
  tarball: string,
  choose: (path: string) => Consume | undefined,
  signal: AbortSignal
): Promise<void> => {
  const { Parser } = await import("tar")
  const source = createReadStream(tarball, { highWaterMark: 1 << 20, signal })
  await new Promise<void>((resolve, reject) => {
    const parser = new Parser({
      onReadEntry: (entry) => {
        const consume = choose(inside(entry.path))
        if (consume === undefined) return entry.resume()
        entry.on("data", (chunk) => {
          try {
            consume(chunk)
          } catch (error) {
            source.destroy(error as Error)
          }
        })
      },
      onwarn: (code) => {
        if (code === "TAR_BAD_ARCHIVE" || code === "TAR_ABORT") source.destroy(new Error(damaged))
      }
    })
    source.on("error", reject)
    parser.on("error", reject)
    parser.on("end", resolve)
    source.on("data", (chunk) => {
      if (parser.write(chunk as Buffer)) return
      source.pause()
      parser.once("drain", () => source.resume())
    })
    source.on("end", () => parser.end())
  })
}

const damaged = "it is not a whole gzipped tar archive"

/** zlib's and tar's errors; others are those of the caller, who reads the entries, in his words. */
const isLibrarys = (error: unknown): boolean =>
  error instanceof Error && ("tarCode" in error || ("code" in error && /^(Z|TAR)_/.test(String(error.code))))

const unreadable = (tarball: FileReader, error: unknown): InputError =>
  new InputError({
    what: `The package cannot be read: ${faultText(error, isLibrarys(error) ? damaged : String(error instanceof Error ? error.message : error))}.`,
    where: tarball.path,
    expected: "a gzipped npm tarball",
    next: "run 'asterism verify', then the same command again"
  })

const missing = (tarball: FileReader, wanted: string): InputError =>
  new InputError({
    what: `The package holds no file ${wanted}.`,
    where: tarball.path,
    next: "check the package's name and version in the pipeline"
  })

/** Streams one file, chunk by chunk. Fails with InputError where the package lacks it or is no tarball. */
export const streamFile = Effect.fn("tarball.streamFile")(function* (
  tarball: FileReader,
  name: string,
  consume: Consume
) {
  let found = false
  yield* Effect.tryPromise({
    try: (signal) =>
      scan(
        tarball.path,
        (path) => {
          if (path !== name) return undefined
          found = true
          return consume
        },
        signal
      ),
    catch: (error) => unreadable(tarball, error)
  })
  if (!found) return yield* missing(tarball, name)
})

/** Reads all files whose path `wanted` accepts, sorted by path. Fails with InputError if there are none. */
export const readFiles = Effect.fn("tarball.readFiles")(function* (
  tarball: FileReader,
  wanted: (path: string) => boolean,
  description: string
) {
  const chunks = new Map<string, Array<Uint8Array>>()
  yield* Effect.tryPromise({
    try: (signal) =>
      scan(
        tarball.path,
        (path) => {
          if (!wanted(path)) return undefined
          const parts: Array<Uint8Array> = []
          chunks.set(path, parts)
          return (chunk) => void parts.push(chunk)
        },
        signal
      ),
    catch: (error) => unreadable(tarball, error)
  })
  if (chunks.size === 0) return yield* missing(tarball, description)
  return [...chunks]
    .map(([path, parts]) => ({ path, bytes: new Uint8Array(Buffer.concat(parts)) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
})

/** Reads one file whole. */
export const readFile = Effect.fn("tarball.readFile")(function* (tarball: FileReader, name: string) {
  const [file] = yield* readFiles(tarball, (path) => path === name, name)
  return file.bytes
})
