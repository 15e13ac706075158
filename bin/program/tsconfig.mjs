/**
 * What of a `tsconfig.json` decides how TypeScript runs, where it differs from the default: the meaning of class fields,
 * legacy decorators, JSX. (`paths` decide where imports lead, which the graph shows.)
 */
import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { isInstalled } from "./places.mjs"

/** JSON with comments and trailing commas, as TypeScript allows. */
const parseJsonc = (text) =>
  JSON.parse(
    text
      .replace(/^\ufeff/, "")
      .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=\s*[}\]])/g, "$1")
  )

const extended = (name, file) => {
  const path = /^[./]/.test(name) ? resolve(dirname(file), name) : undefined
  if (path !== undefined) return existsSync(path) ? path : `${path}.json`
  try {
    return createRequire(file).resolve(name.endsWith(".json") ? name : `${name}/tsconfig.json`)
  } catch {
    return undefined
  }
}

/** The options of a file and of what it extends, and every file that was read. */
const optionsOf = (file, files) => {
  if (file === undefined || files.includes(file)) return {}
  files.push(file)
  let config
  try {
    config = parseJsonc(readFileSync(file, "utf8"))
  } catch {
    return {}
  }
  const bases = [config.extends ?? []].flat().filter((name) => typeof name === "string")
  return Object.assign(
    {},
    ...bases.map((name) => optionsOf(extended(name, file), files)),
    config.compilerOptions
  )
}

const counted = ({ useDefineForClassFields, target, experimentalDecorators, ...rest }, loader) => {
  const old = typeof target === "string" && /^es(3|5|6|20(1\d|2[01]))$/i.test(target)
  const settings = {}
  if (useDefineForClassFields === false || (useDefineForClassFields === undefined && old))
    settings.classFields = "assigned"
  if (experimentalDecorators === true) settings.decorators = "legacy"
  if (loader.endsWith("x")) {
    for (const name of ["jsx", "jsxFactory", "jsxFragmentFactory", "jsxImportSource"])
      if (rest[name] !== undefined) settings[name] = rest[name]
  }
  return settings
}

const nearest = new Map()

/** `{settings, files}` for a TypeScript file; `settings` is empty in nearly every project. */
export const tsconfigFor = (path, loader) => {
  const folder = dirname(path)
  if (!nearest.has(folder)) {
    let at = folder
    while (!existsSync(join(at, "tsconfig.json")) && dirname(at) !== at) at = dirname(at)
    const file = join(at, "tsconfig.json")
    const files = []
    nearest.set(folder, {
      options: existsSync(file) && !isInstalled(file) ? optionsOf(file, files) : {},
      files
    })
  }
  const { options, files } = nearest.get(folder)
  return { settings: counted(options, loader), files }
}
