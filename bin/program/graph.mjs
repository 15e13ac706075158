/**
 * The graph of a compiled program, as the compiler resolved it: for every local file its hash, the files it leads to and
 * the packages it imports. Code hashes are walks of it (`engine/fingerprint/Code.ts`), so what is hashed is what runs.
 *
 * ```
 * {files: {<true path>: {hash, content, imports: [path], packages: [[name, version]], owner, inPlace, captures}}}
 * ```
 * `hash` is of the syntax tree, `content` of the bytes; `owner` is the package whose folder the file lies in; an `inPlace`
 * file is not part of the program but read from its own path while it runs.
 */
import { isBuiltin } from "node:module"
import { resolve } from "node:path"
import { sha256 } from "./facts.mjs"
import { isInstalled, packageName, packageOf, root } from "./places.mjs"

/** Paths in esbuild's metafile are relative to its working folder; import attributes may follow them. */
const pathOf = (key) => resolve(root, key.replace(/ with \{[^}]*\}$/, ""))

const isLocal = (key) => !key.startsWith("asterism:") && !key.startsWith("(disabled):")

/** Local modules that are only read in place: what they import is not in the metafile yet. */
export const unvisitedAssets = async (metafile, sources) => {
  const visited = new Set(Object.keys(metafile.inputs).map(pathOf))
  const paths = []
  for (const [path, reading] of sources.files) {
    const { loader, facts } = await reading
    if (!visited.has(path) && loader !== undefined && facts.neighbours) paths.push(path)
  }
  return paths
}

/** `{graph, edges}`: edges are `{importer, specifier, target}` of what was resolved, for `fresh.mjs`. */
export const graphOf = async (metafile, sources) => {
  const files = {}
  const edges = []
  const imports = new Map()
  for (const [key, input] of Object.entries(metafile.inputs))
    if (isLocal(key)) imports.set(pathOf(key), input.imports)
  const read = new Map()
  // Reading one may add others, which the loop then comes to.
  for (const [path, reading] of sources.files) read.set(path, await reading)
  for (const [path, file] of [...read].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const targets = new Set(file.assets.map(([, asset]) => asset.path))
    const packages = new Map()
    for (const { path: found, original, external } of imports.get(path) ?? []) {
      if (external === true) {
        if (isBuiltin(found)) continue
        const { name, version } = sources.packages.get(found) ?? { name: packageName(found), version: "none" }
        packages.set(name, version)
        edges.push({ importer: path, specifier: original ?? found, target: undefined })
        continue
      }
      if (!isLocal(found)) continue
      const target = pathOf(found)
      edges.push({ importer: path, specifier: original ?? found, target })
      if (!isInstalled(target)) targets.add(target)
      else {
        const { name, version } = packageOf(target) ?? { name: found, version: "none" }
        packages.set(name, version)
      }
    }
    files[path] = {
      hash: file.hash,
      content: file.content,
      imports: [...targets].sort(),
      packages: [...packages].sort(([a], [b]) => (a < b ? -1 : 1)),
      owner: ownerOf(path),
      ...(imports.has(path) || !sources.isInPlace(path) ? {} : { inPlace: true }),
      ...(file.facts.captures.length === 0 ? {} : { captures: file.facts.captures })
    }
  }
  return { graph: { files }, edges }
}

const ownerOf = (path) => {
  const owner = packageOf(path)
  return owner === undefined ? null : [owner.name, owner.folder]
}

/** One hash over everything that a graph says. */
export const graphHash = (graph) => sha256(JSON.stringify(graph))
