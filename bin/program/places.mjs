/** Where files belong: to asterism itself, to a package in `node_modules`, to a folder that is linked as a package. */
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { dirname, join, sep } from "node:path"
import { fileURLToPath } from "node:url"

/** The folder of asterism itself. */
export const root = realpathSync(fileURLToPath(new URL("../..", import.meta.url))).replace(/[/\\]$/, "")

/** Whether a file is a package's: below a `node_modules`, the one that asterism itself may lie in apart. */
export const isInstalled = (path) => {
  const inside = path.startsWith(root + sep) ? path.slice(root.length) : path
  return inside.split(sep).includes("node_modules")
}

const manifests = new Map()

/** `package.json` of a folder as it is now, read once; undefined where there is none, or none that is JSON. */
const manifestIn = (folder) => {
  if (manifests.has(folder)) return manifests.get(folder)
  let manifest
  try {
    manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  } catch {
    manifest = undefined
  }
  manifests.set(folder, manifest)
  return manifest
}

/** The package that a file lies in: the nearest `package.json` upwards that has a name. */
export const packageOf = (path) => {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const manifest = manifestIn(folder)
    if (typeof manifest?.name === "string")
      return { folder, name: manifest.name, version: manifest.version ?? "none" }
    if (dirname(folder) === folder) return undefined
  }
}

/** The package's part of a bare name: `@scope/name/sub` → `@scope/name`. */
export const packageName = (specifier) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

/** The `package.json` that a name means for the files of a folder, by Node's rule; undefined where there is none. */
export const findPackage = (name, from) => {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "node_modules", name, "package.json")
    if (existsSync(file)) return realpathSync(file)
    if (dirname(folder) === folder) return undefined
  }
}
