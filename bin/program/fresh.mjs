/**
 * Whether a compiled program is still what its sources say: every source has the bytes it was compiled from, every name
 * would lead where it led, and the program's own files are whole. Nothing is decided by time stamps.
 */
import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from "node:fs"
import { dirname, extname, join, resolve } from "node:path"
import { sha256 } from "./facts.mjs"
import { findPackage, packageName } from "./places.mjs"

/** Sources are many and small: they are read into one place, with as few calls as that takes. */
const place = Buffer.allocUnsafeSlow(1 << 18)

const hashOf = (path) => {
  let file
  try {
    file = openSync(path, "r")
    const got = readSync(file, place, 0, place.length, 0)
    // What does not fit, and what a network file system gives in parts, is read as a whole.
    const whole = got < place.length && readSync(file, place, got, 1, got) === 0
    return sha256(whole ? place.subarray(0, got) : readFileSync(path))
  } catch {
    return null
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Milliseconds by which a file system's clock may be behind ours. */
const clockSlack = 60_000

const realOf = (path) => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

const isRelative = (specifier) => /^\.{0,2}[/\\]/.test(specifier) || specifier === "." || specifier === ".."

/** Where a relative name may lead, in a bundler's order. */
const candidates = (path) => {
  const extension = extname(path)
  const typed = /^\.[mc]?jsx?$/.test(extension)
    ? [
        path.slice(0, -extension.length) + extension.replace("j", "t"),
        `${path.slice(0, -extension.length)}.tsx`
      ]
    : []
  const endings = [".tsx", ".ts", ".jsx", ".js", ".css", ".json"]
  return [
    path,
    ...typed,
    ...endings.map((end) => path + end),
    ...endings.map((end) => join(path, `index${end}`))
  ]
}

/** What must stay as it is besides the sources' bytes: `{names: [[path, true path]], files: [[path, hash]], packages}`. */
export const probesOf = async (sources, edges) => {
  const names = new Map()
  const packages = new Map()
  for (const { importer, specifier, target } of edges) {
    const folder = dirname(importer)
    if (isRelative(specifier)) {
      const path = resolve(folder, specifier)
      if (path === target) continue
      for (const candidate of candidates(path)) names.set(candidate, realOf(candidate))
    } else if (!specifier.startsWith("#") && !specifier.startsWith("file:")) {
      const name = packageName(specifier)
      const file = findPackage(name, folder)
      packages.set(`${folder}\n${name}`, [
        folder,
        name,
        file ?? null,
        file === undefined ? null : hashOf(file)
      ])
    }
  }
  const files = new Map()
  const folders = new Set()
  for (const [path, reading] of sources.files) {
    for (const config of (await reading).configs ?? []) files.set(config, hashOf(config))
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) {
      folders.add(folder)
      for (const name of ["package.json", "tsconfig.json"])
        files.set(join(folder, name), hashOf(join(folder, name)))
    }
  }
  const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  return { names: sorted(names), files: sorted(files), packages: sorted(packages).map(([, probe]) => probe) }
}

/** The paths of sources whose bytes are no longer these. */
export const changedSources = (inputs) =>
  inputs.flatMap(([path, content]) => (hashOf(path) === content ? [] : [path]))

/**
 * As `changedSources`, for the note at the end of a command: files that did not change since shortly before this process
 * began are not read. Only the note depends on their times.
 */
export const changedSinceStart = (inputs) =>
  changedSources(
    inputs.filter(([path]) => {
      const stat = statSync(path, { throwIfNoEntry: false })
      return stat === undefined || stat.ctimeMs > performance.timeOrigin - clockSlack
    })
  )

export const sameProbes = ({ names, files, packages }) => {
  // Many folders name the same packages.
  const looked = new Map()
  const once = (file) => {
    if (!looked.has(file)) looked.set(file, hashOf(file))
    return looked.get(file)
  }
  return (
    names.every(([path, real]) => realOf(path) === real) &&
    files.every(([path, hash]) => hashOf(path) === hash) &&
    packages.every(
      ([folder, name, file, hash]) =>
        (findPackage(name, folder) ?? null) === file && (file === null || once(file) === hash)
    )
  )
}

/** Whether every file of a program has the bytes that were written. */
export const isWhole = (folder, outputs) =>
  outputs.every(([name, hash]) => hashOf(join(folder, name)) === hash)

/** The program of a manifest, where it is fresh; else undefined. */
export const freshProgram = (manifestFile) => {
  try {
    const { check, text } = JSON.parse(readFileSync(manifestFile, "utf8"))
    if (check !== sha256(text)) return undefined
    const { folder, inputs, outputs, probes } = JSON.parse(text)
    const fresh = changedSources(inputs).length === 0 && sameProbes(probes) && isWhole(folder, outputs)
    return fresh ? folder : undefined
  } catch {
    return undefined
  }
}

/** What `freshProgram` reads. */
export const manifestOf = (manifest) => {
  const text = JSON.stringify(manifest)
  return JSON.stringify({ check: sha256(text), text })
}
