/**
 * Runs a TypeScript bench: `node bench/run.mjs bench/artifacts/matrix.ts [arguments]`. Packages stay outside the bundle;
 * `import.meta.url` keeps meaning the source file, so that files beside it are found.
 *
 * A script's options are those that its first comment names: `--help` prints the comment, another option is refused.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"
import { sourceModule } from "../bin/source-module.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const [script, ...rest] = process.argv.slice(2)
const refuse = (message) => {
  console.error(message)
  process.exit(2)
}
if (script === undefined || !existsSync(script)) refuse("usage: node bench/run.mjs <bench.ts> [arguments]")
const comment = /^\/\*\*[\s\S]*?\*\//.exec(readFileSync(script, "utf8"))?.[0] ?? ""
if (rest.includes("--help")) {
  console.log(comment.replace(/^\/\*\*\n|\n? \*\/$/g, "").replace(/^ \* ?/gm, ""))
  process.exit(0)
}
const known = new Set([...comment.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option))
const unknown = rest.find((argument) => argument.startsWith("--") && !known.has(argument))
if (unknown !== undefined) refuse(`${script} has no option ${unknown}; --help says which it has`)
const folder = join(root, "node_modules", ".cache", "bench")
mkdirSync(folder, { recursive: true })
const name = basename(script, ".ts")
const outdir = join(folder, `${name}.${process.pid}`)
const outfile = join(outdir, `${name}.mjs`)
await build({
  // The second is the thread of the margin search (compute/margin/threads/pool.ts).
  entryPoints: { [name]: resolve(script), search: join(root, "compute", "margin", "threads", "thread.ts") },
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "warning",
  plugins: [
    {
      name: "source-urls",
      setup: (build) => build.onLoad({ filter: /\.ts$/ }, ({ path }) => sourceModule(path))
    }
  ]
})
process.env.ASTERISM_PROGRAM ??= outdir
process.argv = [process.argv[0], outfile, ...rest]
await import(pathToFileURL(outfile).href)
