/** Programs that tests run as processes of their own, so that they can be killed or race each other. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("../../..", import.meta.url))

/** Bundles a program beside node_modules, where its packages are found; removed by `discard`. */
export const bundled = async (name: string) => {
  const folder = join(root, "node_modules", ".cache", "test")
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${name}.${process.pid}.mjs`)
  await build({
    entryPoints: [fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "warning"
  })
  return {
    start: (...args: ReadonlyArray<string>): ChildProcess =>
      spawn(process.execPath, [outfile, ...args], { stdio: ["pipe", "pipe", "inherit"] }),
    discard: () => rmSync(outfile, { force: true })
  }
}

/** What a process wrote when it has ended. */
export const outputOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ""
    child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()))
    child.on("error", reject)
    child.on("close", () => resolve(text))
  })

/** Resolves when a process has written `text`. */
export const said = (child: ChildProcess, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let seen = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      seen += chunk.toString()
      if (seen.includes(text)) resolve()
    })
    child.on("close", () => reject(new Error(`the process ended before it said ${text}: ${seen}`)))
  })
