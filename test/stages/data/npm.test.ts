import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { InputError } from "../../../schemas/errors.ts"
import { npmPackage } from "../../../stages/data/npm.ts"
import { fakeRegistry } from "../../support/fakeRegistry.ts"
import { makeTarball } from "../../support/makeTarball.ts"
import { runStage } from "../../support/runStage.ts"

const someHash = `sha512-${"A".repeat(86)}==`
const toy = (integrity: string) => ({ name: "toy", version: "1.0.0", integrity })

/** Runs the stage and returns the InputError it must fail with. */
const refusal = (params: { name: string; version: string; integrity: string }) =>
  Effect.map(Effect.flip(runStage(npmPackage, { params, inputs: {} })), (error) => {
    expect(error).toBeInstanceOf(InputError)
    return error as InputError
  })

describe("data/npm", () => {
  it.live("fetches the pinned bytes, reports them, and takes them from npm's cache the next time", () =>
    Effect.gen(function* () {
      const registry = yield* fakeRegistry({ "words.txt": "one two three" })
      const reports: Array<{ done: number; total: number; note: string | undefined }> = []
      const params = { ...toy(registry.integrity), bytes: registry.tarball.length }
      const first = yield* runStage(npmPackage, { params, inputs: {}, reports })
      expect("path" in first.package && new Uint8Array(readFileSync(first.package.path))).toEqual(
        new Uint8Array(registry.tarball)
      )
      expect(reports.at(-1)).toMatchObject({ done: registry.tarball.length, total: registry.tarball.length })
      const asked = registry.requests.length
      expect(asked).toBeGreaterThan(0)
      yield* runStage(npmPackage, { params, inputs: {} })
      expect(registry.requests.length).toBe(asked)
    })
  )

  it.live("refuses other bytes than the pinned ones, and says what it found", () =>
    Effect.gen(function* () {
      const registry = yield* fakeRegistry({ "words.txt": "one two three" })
      const error = yield* refusal(toy(someHash))
      expect(error.what).toContain("other bytes for toy@1.0.0")
      expect(error.expected).toContain(someHash)
      expect(error.expected).toContain(registry.integrity)
      expect(error.where).toBe(registry.url)

      // Also where the registry's own record agrees with the pin and only the tarball was tampered with.
      const other = yield* Effect.promise(() => makeTarball({ "words.txt": "tampered" }))
      registry.respond = (path, response) => {
        if (!path.endsWith(".tgz")) return false
        response.end(other)
        return true
      }
      const tampered = yield* refusal(toy(registry.integrity))
      expect(tampered.what).toContain("other bytes for toy@1.0.0")
      expect(tampered.expected).toContain(createHash("sha512").update(other).digest("base64"))
    })
  )

  it.live("names a package or a version that the registry does not have", () =>
    Effect.gen(function* () {
      const registry = yield* fakeRegistry({ "words.txt": "one" })
      expect((yield* refusal({ ...toy(someHash), name: "nothing-here" })).what).toContain(
        "nothing-here@1.0.0"
      )
      expect((yield* refusal({ ...toy(registry.integrity), version: "9.9.9" })).what).toContain(
        "no package toy@9.9.9"
      )
    })
  )

  it.live("says that the registry cannot be reached, and where it is configured", () =>
    Effect.gen(function* () {
      yield* fakeRegistry({ "words.txt": "one" })
      // Port 9 (discard) is closed on any machine that runs tests.
      process.env.npm_config_registry = "http://127.0.0.1:9/"
      const error = yield* refusal(toy(someHash))
      expect(error.what).toContain("cannot be reached (ECONNREFUSED)")
      expect(error.where).toContain("http://127.0.0.1:9/")
      expect(error.next).toContain("npm config get registry")
    })
  )

  it.live("tells a user who set npm offline", () =>
    Effect.gen(function* () {
      const registry = yield* fakeRegistry({ "words.txt": "one" })
      yield* Effect.acquireRelease(
        Effect.sync(() => (process.env.npm_config_offline = "true")),
        () => Effect.sync(() => delete process.env.npm_config_offline)
      )
      const error = yield* refusal(toy(registry.integrity))
      expect(error.what).toContain("offline")
      expect(registry.requests).toEqual([])
    })
  )

  it.live("explains a registry that wants a login", () =>
    Effect.gen(function* () {
      const registry = yield* fakeRegistry({ "words.txt": "one" })
      registry.respond = (_, response) => {
        response.statusCode = 403
        response.end("{}")
        return true
      }
      const error = yield* refusal(toy(registry.integrity))
      expect(error.what).toContain("refuses to serve toy@1.0.0 (E403)")
      expect(error.next).toContain("npm login")
    })
  )

  it.live("tries again after a failure that may pass", () =>
    Effect.gen(function* () {
      const registry = yield* fakeRegistry({ "words.txt": "one" })
      process.env.npm_config_fetch_retries = "1"
      let failures = 1
      registry.respond = (_, response) => {
        if (failures-- <= 0) return false
        response.statusCode = 503
        response.end()
        return true
      }
      yield* runStage(npmPackage, { params: toy(registry.integrity), inputs: {} })
      expect(failures).toBeLessThan(0)
    })
  )

  it.live("takes exact versions and SHA-512 hashes only", () =>
    Effect.gen(function* () {
      for (const params of [
        { ...toy(someHash), version: "^1.0.0" },
        { ...toy("sha1-abc") },
        { ...toy(someHash), version: "latest" }
      ]) {
        yield* Effect.flip(runStage(npmPackage, { params, inputs: {} }))
      }
    })
  )

  it.live("C28 - names that are no package's are refused before anything is fetched", () =>
    Effect.gen(function* () {
      const registry = yield* fakeRegistry({ "words.txt": "one" })
      const names = [
        "file:/tmp/toy",
        "git+file:///tmp/toy",
        "git+ssh://git@host/toy",
        "github:user/toy",
        "user/toy",
        "npm:toy",
        `${registry.url}toy`,
        "../toy",
        "./toy",
        "/tmp/toy",
        "~/toy",
        "C:\\toy",
        "toy.git#main",
        "to y",
        " toy",
        "Toy",
        ".toy",
        "_toy",
        "-toy",
        "@scope",
        "@../toy",
        "@scope/../toy",
        "toy@1.0.0",
        "node_modules",
        "__proto__",
        "t".repeat(215),
        ""
      ]
      for (const name of names)
        yield* Effect.flip(runStage(npmPackage, { params: { ...toy(someHash), name }, inputs: {} }))
      for (const version of ["1.0.0-a.tgz", "1.0.0-a.tar", "1.0.0-a.tar.gz", "1.0.0-A.TGZ"])
        yield* Effect.flip(runStage(npmPackage, { params: { ...toy(someHash), version }, inputs: {} }))
      expect(registry.requests).toEqual([])
      // Control: names of packages are asked for.
      for (const name of ["other", "@scope/other", "@scope/_other"])
        yield* refusal({ ...toy(someHash), name })
      expect(registry.requests.length).toBeGreaterThanOrEqual(3)
    })
  )

  it.live("C28 - the bytes are checked whatever npm's client made of the hash", () =>
    Effect.gen(function* () {
      const { default: pacote } = yield* Effect.promise(() => import("pacote"))
      yield* fakeRegistry({ "words.txt": "one" })
      const stream = pacote.tarball.stream
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          pacote.tarball.stream = ((_: string, save: (bytes: unknown) => Promise<unknown>) =>
            save([Buffer.from("other bytes")])) as unknown as typeof stream
        }),
        () => Effect.sync(() => void (pacote.tarball.stream = stream))
      )
      const error = yield* refusal(toy(someHash))
      expect(error.what).toContain("other bytes for toy@1.0.0")
      expect(error.expected).toContain(createHash("sha512").update("other bytes").digest("base64"))
    })
  )

  it.live("no password or token of npm's settings is in an error", () =>
    Effect.gen(function* () {
      yield* fakeRegistry({ "words.txt": "one" })
      process.env.npm_config_registry = "http://ann:geheim%2F7@127.0.0.1:9/"
      const error = yield* refusal(toy(someHash))
      expect(error.where).toContain("http://***@127.0.0.1:9/")
      expect(JSON.stringify(error) + error.message).not.toMatch(/geheim/)
    })
  )
})
