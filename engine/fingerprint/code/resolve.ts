/**
 * Where an import leads: a local file, an npm package with its exact version, or nothing that counts. Follows Node's
 * rules, with TypeScript's and bundlers' customs for local names (`./x` and `./x.js` may be `./x.ts`).
 */
import { readFileSync, realpathSync, statSync } from "node:fs"
import { isBuiltin } from "node:module"
import { dirname, extname, join, relative, resolve as resolvePath, sep } from "node:path"
import { fileURLToPath } from "node:url"

export type Resolved =
  | { readonly type: "file"; readonly path: string }
  | { readonly type: "package"; readonly name: string; readonly version: string }
  | { readonly type: "missing"; readonly path: string }
  | { readonly type: "ignored" }

/** The folder of asterism itself. */
export const root = fileURLToPath(new URL("../../../", import.meta.url)).replace(/[\\/]$/, "")

/** Whether asterism is installed as a package (its version stands for its code) rather than checked out. */
const installed = root.split(sep).includes("node_modules")

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

const endings = [".ts", ".tsx", ".mts", ".js", ".mjs", ".json", "/index.ts", "/index.js"]

/** The file a local name means, or undefined. */
const localFile = (path: string): string | undefined => {
  if (isFile(path)) return path
  const extension = extname(path)
  if (extension === ".js" || extension === ".mjs" || extension === ".jsx") {
    const typed = path.slice(0, -extension.length) + extension.replace("j", "t")
    if (isFile(typed)) return typed
  }
  return endings.map((ending) => path + ending).find(isFile)
}

const versionAt = (directory: string): string | undefined => {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
    return typeof manifest === "object" && manifest !== null && "version" in manifest
      ? String(manifest.version)
      : undefined
  } catch {
    return undefined
  }
}

const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

/** Resolves names for one process, in which packages keep their versions. */
export class Resolver {
  readonly #versions = new Map<string, string | undefined>()

  /** The version that `name` means in a file of `directory`: of the nearest copy in `node_modules` upwards. */
  #versionFrom(name: string, directory: string): string | undefined {
    const key = `${name}\n${directory}`
    if (this.#versions.has(key)) return this.#versions.get(key)
    const parent = dirname(directory)
    const version =
      versionAt(join(directory, "node_modules", name)) ??
      (parent === directory ? undefined : this.#versionFrom(name, parent))
    this.#versions.set(key, version)
    return version
  }

  /** Exact version of a package as a file sees it; asterism's own copy where the file has none; else `none`. */
  packageVersion(name: string, importer: string): string {
    return this.#versionFrom(name, dirname(importer)) ?? this.#versionFrom(name, root) ?? "none"
  }

  resolve(specifier: string, importer: string): Resolved {
    if (isBuiltin(specifier) || specifier.startsWith("data:")) return { type: "ignored" }
    if (/^(\.|\/|file:)/.test(specifier)) {
      // A query makes a bundler treat the file specially; it is the same file.
      const name = specifier.replace(/[?#].*$/, "")
      const path = name.startsWith("file:") ? fileURLToPath(name) : resolvePath(dirname(importer), name)
      const file = localFile(path)
      return file === undefined ? { type: "missing", path } : { type: "file", path: file }
    }
    const name = packageName(specifier)
    if (name === "asterism" && !installed) return { type: "file", path: join(root, "index.ts") }
    return { type: "package", name, version: this.packageVersion(name, importer) }
  }
}

const inAsterism = (path: string): string => relative(root, path).split(sep).join("/")

/**
 * Whether the walk goes from one file into another. It stops at the engine and the store of asterism itself, which are
 * no part of a stage (readers of file formats are), and at the backends, whose code is part of `numerics`: a stage's
 * numbers depend on the one it ran on, not on all that exist.
 */
export const counts = (target: string, importer: string): boolean => {
  const inside = inAsterism(target)
  return (
    !inside.startsWith("engine/") &&
    (!inside.startsWith("artifacts/") || inside.startsWith("artifacts/files/")) &&
    (!inside.startsWith("compute/backends/") || inAsterism(importer).startsWith("compute/backends/"))
  )
}

/**
 * The name of a file in records and messages, the same in every checkout: relative to asterism for its own files, to
 * the stage's folder for a user's.
 */
export const displayName = (path: string, stageFile: string): string => {
  const within = (base: string): string => relative(base, path).split(sep).join("/")
  const own = within(root)
  const isOwn = !own.startsWith("../")
  if (!relative(root, stageFile).startsWith("..")) return isOwn ? own : within(root)
  return isOwn ? `asterism/${own}` : within(dirname(stageFile))
}

/** The true path, so that one file reached by two names is one file. */
export const truePath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
