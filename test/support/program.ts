/** Runs a TypeScript module of ours as a process of its own, on any Node: bundled once, as `bin/asterism.mjs` does it. */
import { spawn, type ChildProcess } from "node:child_process"
import { mkdirSync, mkdtempSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { sourceModule } from "../../bin/source-module.mjs"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Bundles a module and returns the path of the program. Effect is inlined, other packages stay outside; `import.meta.url` keeps its meaning. */
export const bundle = async (entry: URL): Promise<string> => {
  const parent = join(root, "node_modules", ".cache", "asterism-tests")
  mkdirSync(parent, { recursive: true })
  const outfile = join(mkdtempSync(join(parent, "program-")), "program.mjs")
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "error",
    banner: { js: 'import{createRequire as r_}from"node:module";const require=r_(import.meta.url);' },
    plugins: [
      {
        name: "source-urls",
        setup: ({ onLoad, onResolve }) => {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === "entry-point" || /^(effect|@effect)\//.test(path) ? undefined : { path, external: true }
          )
          onLoad({ filter: /\.ts$/ }, ({ path }) => sourceModule(path))
        }
      }
    ]
  })
  return outfile
}

export interface Finished {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcess
  /** Resolves once a line on standard output satisfies the test. */
  readonly line: (test: (line: string) => boolean) => Promise<string>
  readonly finished: Promise<Finished>
  /** SIGKILL for the program and for every process it started. */
  readonly kill: () => void
}

export const start = (program: string, args: ReadonlyArray<string>): Started => {
  // A process group of its own, so that a kill can take its children too.
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true
  })
  let stdout = ""
  let stderr = ""
  const waiting = new Set<() => void>()
  child.stdout.on("data", (data: Buffer) => {
    stdout += data.toString("utf8")
    for (const look of waiting) look()
  })
  child.stderr.on("data", (data: Buffer) => void (stderr += data.toString("utf8")))
  const finished = new Promise<Finished>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  const line: Started["line"] = (test) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = stdout.split("\n").slice(0, -1).find(test)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      void finished.then(({ stderr }) => reject(new Error(`the program ended first: ${stderr}`)))
    })
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGKILL")
  }
  return { child, line, finished, kill }
}
