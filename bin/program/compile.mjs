/**
 * Compiles a program: one bundle, so that a user's stages and ours share one copy of Effect and of `asterism`, with the graph
 * it was made from beside it. Everything it needs later is in its folder, copied assets included.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { sha256 } from "./facts.mjs"
import { changedSources, manifestOf, probesOf, sameProbes } from "./fresh.mjs"
import { graphOf, unvisitedAssets } from "./graph.mjs"
import { forgetManifests, root } from "./places.mjs"
import { Sources } from "./sources.mjs"
import { forgetConfigs } from "./tsconfig.mjs"
import { UsageError } from "./UsageError.mjs"

const settings = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  metafile: true,
  write: false,
  absWorkingDir: root,
  logLevel: "silent",
  legalComments: "none",
  minifyWhitespace: true
}

/** esbuild's message with the file it is about. */
export const compileError = (error) => {
  const [first] = error.errors ?? []
  if (first === undefined) return error
  const { file, line, column } = first.location ?? {}
  const where = file === undefined ? "" : ` Where: ${resolve(root, file)}:${line}:${column + 1}.`
  return new UsageError(
    `asterism: a module cannot be loaded: ${first.text}.${where} Next: correct the file and run the command again.`
  )
}

/**
 * The graph of a build and of the modules that it only names by `new URL`: those are read in place, but what they import
 * is code all the same.
 */
const completeGraph = async (esbuild, metafile, sources) => {
  const inputs = { ...metafile.inputs }
  for (let paths = await unvisitedAssets({ inputs }, sources); paths.length > 0;) {
    const { metafile: more } = await esbuild.build({
      ...settings,
      entryPoints: paths,
      outdir: join(root, "never-written"),
      plugins: [sources.plugin()]
    })
    Object.assign(inputs, more.inputs)
    const rest = await unvisitedAssets({ inputs }, sources)
    paths = rest.filter((path) => !paths.includes(path))
  }
  return graphOf({ inputs }, sources)
}

const graphs = new Map()

/**
 * The graph reached from modules on disk, for programs that were not compiled by this file: the tests' own. Made again when
 * a source changed or a name leads elsewhere.
 */
export const graphFrom = async (entryPoints, memo) => {
  const key = entryPoints.join("\n")
  const known = graphs.get(key)
  if (known !== undefined && changedSources(known.inputs).length === 0 && sameProbes(known.probes))
    return known.graph
  const esbuild = await import("esbuild")
  const sources = newSources(memo)
  try {
    const { metafile } = await esbuild.build({
      ...settings,
      entryPoints: [...entryPoints],
      outdir: join(root, "never-written"),
      plugins: [sources.plugin()]
    })
    const { graph, edges } = await completeGraph(esbuild, metafile, sources)
    graphs.set(key, { graph, inputs: inputsOf(graph), probes: await probesOf(sources, edges) })
    return graph
  } catch (error) {
    throw compileError(error)
  } finally {
    memo.save()
  }
}

/** Nothing is remembered of an earlier compilation but facts by content. */
const newSources = (memo) => {
  forgetManifests()
  forgetConfigs()
  return new Sources(memo)
}

const inputsOf = (graph) => Object.entries(graph.files).map(([path, { content }]) => [path, content])

const entryText = (modules) =>
  [
    `import { main as run } from ${JSON.stringify(join(root, "cli", "main.ts"))}`,
    "const modules = {",
    ...modules.map((path) => `${JSON.stringify(path)}: () => import(${JSON.stringify(path)}),`),
    "}",
    "export const main = (argv) => run(argv, modules)"
  ].join("\n")

/** Writes the program below `folder` and its manifest; the program's folder. */
export const compile = async (modules, folder, manifestFile, memo) => {
  const esbuild = await import("esbuild")
  const sources = newSources(memo)
  const staging = join(folder, `staging-${process.pid}`)
  let built
  let complete
  try {
    built = await esbuild.build({
      ...settings,
      // Beside the program: the thread that reads untrusted files (artifacts/files/guarded.ts), and the one that searches
      // for margins (compute/margin/threads/pool.ts).
      entryPoints: {
        program: "asterism:program",
        reader: join(root, "artifacts", "files", "guardedThread.ts"),
        search: join(root, "compute", "margin", "threads", "thread.ts")
      },
      outdir: staging,
      outExtension: { ".js": ".mjs" },
      splitting: true,
      banner: {
        js: 'import{createRequire as asterismRequire_}from"node:module";const require=asterismRequire_(import.meta.url);'
      },
      plugins: [sources.plugin(entryText(modules))]
    })
    complete = await completeGraph(esbuild, built.metafile, sources)
  } catch (error) {
    throw compileError(error)
  }
  memo.save()
  const { graph, edges } = complete
  const inputs = inputsOf(graph)
  const outputs = [
    ...built.outputFiles.map(({ path, contents }) => [relative(staging, path), contents]),
    ...sources.copies,
    ["graph.json", JSON.stringify(graph)]
  ].sort(([a], [b]) => (a < b ? -1 : 1))
  const target = join(folder, sha256(JSON.stringify([inputs, outputs.map(([name]) => name)])).slice(0, 24))
  const manifest = {
    folder: target,
    inputs,
    outputs: outputs.map(([name, contents]) => [name, sha256(contents)]),
    probes: await probesOf(sources, edges)
  }
  try {
    place(staging, target, outputs)
    const temporary = `${manifestFile}.${process.pid}`
    writeFileSync(temporary, manifestOf(manifest))
    renameSync(temporary, manifestFile)
  } catch (error) {
    rmSync(staging, { recursive: true, force: true })
    throw new UsageError(
      `asterism: the compiled program cannot be written (${error.message}). Where: ${folder}. Next: free some space there, or set XDG_CACHE_HOME to another folder, and run the command again.`
    )
  }
  return target
}

const place = (staging, target, outputs) => {
  rmSync(staging, { recursive: true, force: true })
  for (const [name, contents] of outputs) {
    const path = join(staging, name)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, contents)
  }
  for (let attempt = 0; ; attempt++) {
    try {
      return renameSync(staging, target)
    } catch (error) {
      if (attempt > 0) throw error
      // There is one already: the same program by another command, or a damaged one. Ours is whole; a command that
      // has the other open keeps what it has read.
      const aside = `${staging}-old`
      renameSync(target, aside)
      rmSync(aside, { recursive: true, force: true })
    }
  }
}
