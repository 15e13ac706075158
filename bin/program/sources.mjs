/**
 * Reads sources for a bundler, each file once: the bytes that are hashed are the bytes that are bundled. What is bundled is
 * every local file that the program reaches; packages in `node_modules` stay outside and count by their exact version, but
 * for `effect`, of which there must be one copy and which is inlined.
 */
import { createHash } from "node:crypto"
import { createReadStream, readFileSync, realpathSync, statSync } from "node:fs"
import { isBuiltin } from "node:module"
import { basename, dirname, extname, join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { sourceText } from "../source-module.mjs"
import { factsOf, rawFacts, sha256 } from "./facts.mjs"
import { isInstalled, packageName, packageOf, root } from "./places.mjs"
import { tsconfigFor } from "./tsconfig.mjs"

export const inlined = /^(effect|@effect\/platform-node|@effect\/platform-node-shared)(\/|$)/

const loaders = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
  ".jsx": "jsx"
}

/** Assets above this size are not copied into the program: they are read where they lie. */
const mostCopied = 64 << 20

export class Sources {
  /** By true path: `{content, facts, text}`. */
  files = new Map()
  /** By the path a bundler was given for an import that stays outside: `{name, version}`. */
  packages = new Map()
  /** Copies that go into the program's folder: name there → bytes. */
  copies = new Map()
  #memo
  #read = new Map()
  #inPlace = new Set()

  /** `memo` keeps facts by content (see `memo.mjs`). */
  constructor(memo) {
    this.#memo = memo
  }

  /** A local file, read and hashed at the first call, with the assets it names. */
  read(path) {
    const known = this.files.get(path)
    if (known !== undefined) return known
    const reading = this.#bare(path).then((file) => this.#withAssets(path, file))
    // Whoever asks for it hears of it; nobody may have asked yet.
    reading.catch(() => undefined)
    this.files.set(path, reading)
    return reading
  }

  #bare(path) {
    const known = this.#read.get(path) ?? this.#readBare(path)
    this.#read.set(path, known)
    return known
  }

  async #readBare(path) {
    const loader = loaders[extname(path)]
    if (loader === undefined && statSync(path).size > mostCopied)
      return rawFile(await hashOfLarge(path), undefined)
    const bytes = readFileSync(path)
    const content = sha256(bytes)
    if (loader === undefined) return rawFile(content, bytes)
    const facts = await this.#memo.facts(`${loader}:${content}`, () =>
      factsOf(bytes.toString("utf8"), loader, path)
    )
    const { settings, files } = loader.startsWith("ts")
      ? tsconfigFor(path, loader)
      : { settings: {}, files: [] }
    // How TypeScript is read counts only where it is not the default.
    const hash =
      Object.keys(settings).length === 0 ? facts.hash : sha256(facts.hash + JSON.stringify(settings))
    return { content, bytes, loader, facts, hash, configs: files }
  }

  async #withAssets(path, file) {
    const assets = []
    for (const name of file.facts.assets) {
      const asset = await this.#asset(name, path)
      if (asset !== undefined) assets.push([name, asset])
    }
    return { ...file, assets }
  }

  /**
   * A file named by `new URL("x", import.meta.url)`. It is copied into the program's folder, so that what was hashed is what
   * is read later; one that names neighbours of its own, or is very large, is read where it lies.
   */
  async #asset(name, importer) {
    const path = truePath(resolve(dirname(importer), name.startsWith("file:") ? fileURLToPath(name) : name))
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true || isInstalled(path)) return undefined
    const { content, bytes, facts } = await this.#bare(path)
    this.read(path)
    if (bytes === undefined || facts.neighbours) return { path, copy: undefined }
    const copy = `assets/${content.slice(0, 24)}/${basename(path)}`
    this.copies.set(copy, bytes)
    return { path, copy }
  }

  /** What a bundler is given: `import.meta.url` means the source file, and copied assets are named by their copies. */
  async load(path) {
    const file = await this.read(path)
    if (file.loader === undefined)
      return { contents: file.bytes, loader: path.endsWith(".json") ? "json" : "default" }
    const copies = new Map(
      file.assets.flatMap(([name, { copy }]) => (copy === undefined ? [] : [[name, copy]]))
    )
    const contents = sourceText(file.bytes.toString("utf8"), path, copies)
    for (const [, asset] of file.assets) {
      // One that is not copied, or whose name could not be replaced.
      if (asset.copy === undefined || !contents.includes(asset.copy)) this.#inPlace.add(asset.path)
    }
    return { contents, loader: file.loader }
  }

  /** Whether a file is read from its own path while the program runs. */
  isInPlace(path) {
    return this.#inPlace.has(path)
  }

  /**
   * The esbuild plugin; `entry` is the text of the program's first module. Without it a graph is all that is wanted, and
   * Effect, which counts for nothing there, is not read.
   */
  plugin(entry) {
    return {
      name: "asterism-sources",
      setup: (build) => {
        build.onResolve({ filter: /^asterism:program$/ }, () => ({ path: "program", namespace: "asterism" }))
        build.onLoad({ filter: /.*/, namespace: "asterism" }, () => ({ resolveDir: root, contents: entry }))
        build.onResolve({ filter: /^asterism$/ }, () => ({ path: join(root, "index.ts") }))
        build.onResolve({ filter: /^file:/ }, ({ path }) => ({ path: truePath(fileURLToPath(path)) }))
        build.onResolve({ filter: /^[^./]/ }, (args) =>
          entry === undefined && inlined.test(args.path)
            ? { path: args.path, external: true }
            : this.#resolve(build, args)
        )
        build.onLoad({ filter: /.*/, namespace: "file" }, ({ path }) =>
          isInstalled(path) ? undefined : this.load(path)
        )
      }
    }
  }

  /** A name that is no relative path: a package, an alias, an entry of `#imports`. */
  async #resolve(build, { path, kind, resolveDir, importer, pluginData, with: attributes }) {
    if (pluginData === "resolving" || kind === "entry-point" || isBuiltin(path)) return undefined
    const options = { kind, importer, pluginData: "resolving", with: attributes }
    if (inlined.test(path))
      return build.resolve(path, { ...options, resolveDir: isInstalled(importer) ? resolveDir : root })
    const found = await build.resolve(path, { ...options, resolveDir })
    if (found.errors.length > 0) {
      this.packages.set(path, { name: packageName(path), version: "none" })
      return { path, external: true }
    }
    if (found.external || found.namespace !== "file") return found
    // An alias, an entry of `#imports`, a folder that is linked as a package: sources like any other.
    if (!isInstalled(found.path)) return { path: found.path, sideEffects: found.sideEffects }
    const external = kind.startsWith("require") ? found.path : pathToFileURL(found.path).href
    const { name, version } = packageOf(found.path) ?? { name: packageName(path), version: "none" }
    this.packages.set(external, { name, version })
    return { path: external, external: true }
  }
}

/** A file that is no module: its bytes count. */
const rawFile = (content, bytes) => ({
  content,
  bytes,
  loader: undefined,
  facts: rawFacts(content),
  hash: content,
  configs: []
})

const hashOfLarge = async (path) => {
  const hash = createHash("sha256")
  for await (const block of createReadStream(path)) hash.update(block)
  return hash.digest("hex")
}

/** One file reached by two names is one file. */
export const truePath = (path) => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
