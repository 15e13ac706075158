/**
 * Bundles the CLI and the user's modules named on the command line into one program, and imports it.
 *
 * One bundle, so that a user's stages and ours share one copy of Effect and of `asterism`. The bundle is cached by the
 * content of every source file in it (nothing is trusted by time stamp); `effect` is inlined, other packages stay
 * outside and are found from the file that imports them. `import.meta.url` keeps meaning the source file, so code
 * hashes start from the TypeScript source and files beside it are found.
 */
import { createHash } from "node:crypto"
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { sourceModule } from "./source-module.mjs"

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "")
/** A change of how programs are made makes them anew. */
const ownSources = [new URL(import.meta.url), new URL("./source-module.mjs", import.meta.url)]
const sha256 = (data) => createHash("sha256").update(data).digest("hex")
const sourceFile = /\.(ts|mts|js|mjs)$/
const inlined = /^(effect|@effect\/platform-node|@effect\/platform-node-shared)(\/|$)/

/** Files of the user's that the command line names: `run ./pipeline.ts`, `--swap node=./stage.ts#export`. */
const userModules = (argv) => {
  const named = argv.flatMap((argument) => {
    const value = argument.includes("=") ? argument.slice(argument.lastIndexOf("=") + 1) : argument
    const path = resolve(value.split("#")[0])
    return sourceFile.test(path) && existsSync(path) && statSync(path).isFile() ? [path] : []
  })
  const inherited = (process.env.ASTERISM_MODULES ?? "")
    .split("\n")
    .filter((path) => path !== "" && existsSync(path))
  return [...new Set([...named, ...inherited])].sort()
}

const cacheFolder = () => {
  for (const folder of [
    join(root, "node_modules", ".cache", "asterism"),
    join(tmpdir(), `asterism-${process.getuid?.() ?? 0}`)
  ]) {
    try {
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.W_OK)
      return folder
    } catch {
      // Not writable (a package installed by an administrator): the next one.
    }
  }
  throw new Error("no folder can be written for the compiled program; set TMPDIR to one that can")
}

/** The versions of what is inlined: a new Effect is a new bundle. */
const inlinedVersions = () => {
  const require = createRequire(join(root, "package.json"))
  return ["effect/package.json", "@effect/platform-node/package.json"].map((name) => {
    try {
      return JSON.parse(readFileSync(require.resolve(name), "utf8")).version
    } catch {
      throw new UsageError(
        `asterism: the packages are not installed. Where: ${root}. Next: run 'npm ci' there and run the command again.`
      )
    }
  })
}

class UsageError extends Error {}

/** A bundle is fresh if every source it was made from still has the same bytes. */
const fresh = (manifestFile) => {
  try {
    const { inputs, program } = JSON.parse(readFileSync(manifestFile, "utf8"))
    return inputs.every(([path, hash]) => sha256(readFileSync(path)) === hash) && existsSync(program)
      ? program
      : undefined
  } catch {
    return undefined
  }
}

const sources = (modules) => ({
  name: "asterism-sources",
  setup(build) {
    build.onResolve({ filter: /^asterism:program$/ }, () => ({ path: "program", namespace: "asterism" }))
    build.onLoad({ filter: /.*/, namespace: "asterism" }, () => ({
      resolveDir: root,
      contents: [
        `import { main as run } from ${JSON.stringify(join(root, "cli", "main.ts"))}`,
        "const modules = {",
        ...modules.map((path) => `${JSON.stringify(path)}: () => import(${JSON.stringify(path)}),`),
        "}",
        "export const main = (argv) => run(argv, modules)"
      ].join("\n")
    }))
    build.onResolve({ filter: /^asterism$/ }, () => ({ path: join(root, "index.ts") }))
    // Every other bare import: Effect is ours and inlined, the rest stays where the importing file finds it.
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (pluginData === "resolving" || path.startsWith("node:") || kind === "entry-point") return undefined
      if (inlined.test(path)) {
        return build.resolve(path, {
          kind,
          resolveDir: importer.includes("node_modules") ? resolveDir : root,
          pluginData: "resolving"
        })
      }
      const found = await build.resolve(path, { kind, resolveDir, pluginData: "resolving" })
      if (found.errors.length > 0) return { path, external: true }
      return found.external ? found : { path: pathToFileURL(found.path).href, external: true }
    })
    build.onLoad({ filter: sourceFile }, ({ path }) => {
      const inside = path.startsWith(root) ? path.slice(root.length) : path
      if (/[/\\]node_modules[/\\]/.test(inside)) return undefined
      return sourceModule(path)
    })
  }
})

const compile = async (modules, folder, manifestFile) => {
  const esbuild = await import("esbuild")
  const staging = join(folder, `staging-${process.pid}`)
  let result
  try {
    result = await esbuild.build({
      entryPoints: { program: "asterism:program" },
      outdir: staging,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      platform: "node",
      format: "esm",
      target: "node20.19",
      metafile: true,
      absWorkingDir: root,
      logLevel: "silent",
      legalComments: "none",
      minifyWhitespace: true,
      banner: {
        js: 'import{createRequire as __require}from"node:module";const require=__require(import.meta.url);'
      },
      plugins: [sources(modules)]
    })
  } catch (error) {
    rmSync(staging, { recursive: true, force: true })
    const [first] = error.errors ?? []
    if (first === undefined) throw error
    const { file, line, column } = first.location ?? {}
    const where = file === undefined ? "" : ` Where: ${resolve(root, file)}:${line}:${column + 1}.`
    throw new UsageError(
      `asterism: a module cannot be loaded: ${first.text}.${where} Next: correct the file and run the command again.`
    )
  }
  const inputs = Object.keys(result.metafile.inputs)
    .filter((path) => !path.startsWith("asterism:") && !path.startsWith("node_modules/"))
    .map((path) => resolve(root, path))
    .map((path) => [path, sha256(readFileSync(path))])
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const target = join(folder, sha256(JSON.stringify(inputs)).slice(0, 24))
  try {
    renameSync(staging, target)
  } catch {
    // Another command compiled the same content first: its bundle is the same.
    rmSync(staging, { recursive: true, force: true })
  }
  const program = join(target, "program.mjs")
  const temporary = `${manifestFile}.${process.pid}`
  writeFileSync(temporary, JSON.stringify({ program, inputs }))
  renameSync(temporary, manifestFile)
  return program
}

/** The program for this command line: compiled if a source changed, imported either way. */
export const load = async (argv) => {
  const modules = userModules(argv)
  const key = sha256(
    JSON.stringify([root, modules, inlinedVersions(), ...ownSources.map((url) => sha256(readFileSync(url)))])
  ).slice(0, 24)
  const cache = cacheFolder()
  const folder = join(cache, key)
  mkdirSync(folder, { recursive: true })
  const manifestFile = join(folder, "manifest.json")
  const program = fresh(manifestFile) ?? (await compile(modules, folder, manifestFile))
  // What a child process needs to run the same program without looking at the sources again.
  process.env.ASTERISM_PROGRAM = program
  // Where the command line keeps what it learns about source files, by content: never in a study's store.
  process.env.ASTERISM_CODE_CACHE = join(cache, "code")
  process.env.ASTERISM_MODULES = modules.join("\n")
  return import(pathToFileURL(program).href)
}

/** The last resort: a mistake of ours, or packages that are not installed. */
export const fail = (error) => {
  if (error instanceof UsageError) {
    console.error(error.message)
    process.exit(2)
  }
  if (error?.code === "ERR_MODULE_NOT_FOUND") {
    console.error(
      `asterism: a package is missing (${error.message.split("\n")[0]}). Where: ${root}. Next: run 'npm ci' there.`
    )
    process.exit(2)
  }
  console.error(error)
  process.exit(1)
}
