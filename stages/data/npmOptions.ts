/**
 * The user's npm configuration, as npm itself reads it: command-line environment (`npm_config_*`), project, user and
 * global `.npmrc`. Registry, proxy, certificates, credentials and the cache folder all come from there.
 */
import { fileURLToPath } from "node:url"
import { dirname } from "node:path"

/** What we read of npm's options ourselves; everything is passed on to `pacote`. */
export interface NpmOptions {
  readonly [key: string]: unknown
  readonly registry: string
  /** npm's cache folder. */
  readonly cache: string
  /** Whether npm may only use its cache. */
  readonly offline: boolean
  /** npm's `fetch-retries` and its fellows. */
  readonly retry: { readonly retries: number }
}

/** Reads the configuration as it is now. Rejects where an `.npmrc` cannot be read. */
export const readNpmOptions = async (): Promise<NpmOptions> => {
  const [{ default: Config }, { default: npm }] = await Promise.all([
    import("@npmcli/config"),
    import("@npmcli/config/lib/definitions/index.js")
  ])
  const config = new Config({
    definitions: npm.definitions,
    shorthands: npm.shorthands,
    flatten: npm.flatten,
    // Where npm's built-in configuration would lie beside npm's own code: we have none.
    npmPath: dirname(fileURLToPath(import.meta.url)),
    argv: []
  })
  await config.load()
  const { flat } = config
  return {
    ...flat,
    registry: String(flat.registry),
    cache: String(flat.cache),
    offline: flat.offline === true,
    retry: { retries: 2, ...(flat.retry as object | undefined) }
  }
}
