/**
 * Finds or compiles the program for a command line, and imports it: the CLI and the user's modules that the command line
 * names, in one bundle (`program/compile.mjs`). It is kept in the user's own cache folder and used again as long as every
 * source has the same bytes and every name leads where it led (`program/fresh.mjs`).
 */
import { createRequire } from "node:module"
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { getSystemErrorMap, inspect } from "node:util"
import { Worker } from "node:worker_threads"
import { cacheFolder } from "./program/cacheFolder.mjs"
import { sha256 } from "./program/facts.mjs"
import { freshProgram } from "./program/fresh.mjs"
import { Memo } from "./program/memo.mjs"
import { root } from "./program/places.mjs"
import { prune, touch } from "./program/prune.mjs"
import { UsageError } from "./program/UsageError.mjs"
import { visible } from "./program/visible.mjs"

const sourceFile = /\.(ts|mts|js|mjs)$/
const isSource = (path) =>
  sourceFile.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true

/**
 * The file that an argument names, if any: `./pipeline.ts`, `./pipeline.ts#export`, `node=./stage.ts#export`. Folders may
 * hold `=` and `#` themselves: the longest reading that is a file counts.
 */
const namedFile = (argument) => {
  const starts = [0, ...Array.from(argument.matchAll(/=/g), ({ index }) => index + 1)]
  for (const start of starts) {
    let text = argument.slice(start)
    for (;;) {
      if (text !== "" && isSource(resolve(text))) return resolve(text)
      const hash = text.lastIndexOf("#")
      if (hash < 0) break
      text = text.slice(0, hash)
    }
  }
  return undefined
}

const userModules = (argv) => {
  const named = argv.flatMap((argument) => namedFile(argument) ?? [])
  const inherited = (process.env.ASTERISM_MODULES ?? "")
    .split("\n")
    .filter((path) => path !== "" && existsSync(path))
  return [...new Set([...named, ...inherited])].sort()
}

/** The versions of what decides a bundle besides the sources: the compiler, and Effect, which is inlined. */
const versions = () => {
  const require = createRequire(join(root, "package.json"))
  return ["esbuild/package.json", "effect/package.json", "@effect/platform-node/package.json"].map((name) => {
    try {
      return JSON.parse(readFileSync(require.resolve(name), "utf8")).version
    } catch {
      throw new UsageError(
        `asterism: the packages are not installed. Where: ${root}. Next: run 'npm ci' there and run the command again.`
      )
    }
  })
}

/** How programs are made: a change there makes them anew. */
const ownSources = [
  "load",
  "source-module",
  ...[
    "captures",
    "compile",
    "facts",
    "fresh",
    "graph",
    "memo",
    "places",
    "sources",
    "syntax",
    "tsconfig"
  ].map((name) => `program/${name}`)
].map((name) => new URL(`./${name}.mjs`, import.meta.url))

/** The program for this command line: compiled if a source changed, imported either way. */
export const load = async (argv) => {
  const modules = userModules(argv)
  const made = versions()
  const key = sha256(
    JSON.stringify([root, modules, made, ...ownSources.map((url) => sha256(readFileSync(url)))])
  ).slice(0, 24)
  const cache = cacheFolder()
  const folder = join(cache.path, "programs", key)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const manifestFile = join(folder, "manifest.json")
  let program = freshProgram(manifestFile)
  if (program === undefined) {
    const { compile } = await import("./program/compile.mjs")
    program = await compile(modules, folder, manifestFile, new Memo(join(cache.path, "code.json"), made[0]))
    prune(join(cache.path, "programs"), program)
  } else touch(program)
  // What a child process needs to run the same program without looking at the sources again.
  process.env.ASTERISM_PROGRAM = program
  process.env.ASTERISM_MODULES = modules.join("\n")
  startReader(program, argv)
  return import(pathToFileURL(join(program, "program.mjs")).href)
}

/** Files that are read in a thread (`artifacts/files/guarded.ts`), by the ends of their names. */
const guarded = [
  [/\.parquet$/i, "parquet"],
  [/\.(arrow|feather|ipc)$/i, "arrow"]
]

/** Starts the thread that a file on the command line will need: it loads its libraries while the program loads. */
const startReader = (program, argv) => {
  for (const [ending, format] of guarded) {
    const named = argv.some((argument) => {
      const path = argument.slice(argument.lastIndexOf("=") + 1)
      return ending.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true
    })
    if (!named) continue
    const worker = new Worker(join(program, "reader.mjs"), {
      workerData: { format },
      execArgv: [],
      stdout: true,
      stderr: true
    })
    const ready = new Promise((resolve, reject) => {
      worker.once("message", resolve)
      worker.on("error", reject)
      worker.on("exit", reject)
    })
    ready.catch(() => undefined)
    worker.unref()
    globalThis[Symbol.for("asterism.reader")] = { worker, ready }
    return
  }
}

/** The last resort: a mistake of ours, or packages that are not installed. */
export const fail = (error) => {
  if (error instanceof UsageError) {
    console.error(visible(error.message))
    process.exit(2)
  }
  if (error?.code === "ERR_MODULE_NOT_FOUND") {
    const missing = visible(error.message.split("\n")[0])
    console.error(`asterism: a package is missing (${missing}). Where: ${root}. Next: run 'npm ci' there.`)
    process.exit(2)
  }
  if (typeof error?.errno === "number" && error.syscall !== undefined) {
    const [name, text] = getSystemErrorMap().get(error.errno) ?? ["unknown", "the system refuses it"]
    const where = error.path === undefined ? "" : ` Where: ${visible(String(error.path))}.`
    console.error(
      `asterism: the program cannot be loaded: ${text} (${name}).${where} Next: check that this user may read the checkout and write the cache folder (XDG_CACHE_HOME).`
    )
    process.exit(2)
  }
  console.error(visible(inspect(error)))
  process.exit(1)
}
