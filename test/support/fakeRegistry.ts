/** A registry on this machine that serves packages made up by a test, and npm settings that point at it. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { makeTarball } from "./makeTarball.ts"

export interface FakeRegistry {
  readonly url: string
  /** Paths asked for, in order. */
  readonly requests: Array<string>
  /** Integrity of the package's true tarball. */
  readonly integrity: string
  readonly tarball: Uint8Array
  /** Change it to make the registry misbehave. */
  respond: (path: string, response: ServerResponse) => boolean
}

/** Serves `toy@1.0.0` with the given files and points npm at it, with an empty cache, until the scope closes. */
export const fakeRegistry = (files: {
  readonly [path: string]: string
}): Effect.Effect<FakeRegistry, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const tarball = await makeTarball(files)
      const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`
      const registry: FakeRegistry = { url: "", requests: [], integrity, tarball, respond: () => false }
      const server = createServer((request, response) => {
        const path = request.url ?? "/"
        registry.requests.push(path)
        if (registry.respond(path, response)) return
        if (path === "/toy") {
          response.setHeader("content-type", "application/json")
          response.end(
            JSON.stringify({
              name: "toy",
              "dist-tags": { latest: "1.0.0" },
              versions: {
                "1.0.0": {
                  name: "toy",
                  version: "1.0.0",
                  dist: { tarball: `${registry.url}toy/-/toy-1.0.0.tgz`, integrity }
                }
              }
            })
          )
        } else if (path === "/toy/-/toy-1.0.0.tgz") {
          response.end(tarball)
        } else {
          response.statusCode = 404
          response.end("{}")
        }
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const cache = mkdtempSync(join(tmpdir(), "asterism-npm-cache-"))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
      const settings = { npm_config_registry: url, npm_config_cache: cache, npm_config_fetch_retries: "0" }
      const before = Object.keys(settings).map((name) => [name, process.env[name]] as const)
      Object.assign(process.env, settings)
      return { registry: Object.assign(registry, { url }), server, cache, before }
    }),
    ({ before, cache, server }) =>
      Effect.promise(async () => {
        for (const [name, value] of before) {
          if (value === undefined) delete process.env[name]
          else process.env[name] = value
        }
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
        rmSync(cache, { recursive: true, force: true })
      })
  ).pipe(Effect.map(({ registry }) => registry))
