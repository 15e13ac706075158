/** Runs the real command in a child process, in a folder and a store of the test's own. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const binary = fileURLToPath(new URL("../../bin/asterism.mjs", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Workplace {
  readonly folder: string
  /** Writes a file below the folder; its path. */
  readonly file: (name: string, contents: string | Uint8Array) => string
  /** Runs `asterism` there. */
  readonly asterism: (...args: ReadonlyArray<string>) => Promise<Ended>
  readonly remove: () => void
}

/** A folder of its own with a store in it; call `remove` at the end. */
export const workplace = (): Workplace => {
  const folder = mkdtempSync(join(tmpdir(), "asterism-test-"))
  return {
    folder,
    file: (name, contents) => {
      const path = join(folder, name)
      writeFileSync(path, contents)
      return path
    },
    asterism: (...args) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [binary, ...args], {
          cwd: folder,
          env: { ...process.env, ASTERISM_STORE: "", ASTERISM_MODULES: "", NO_COLOR: "1" },
          stdio: ["ignore", "pipe", "pipe"]
        })
        let stdout = ""
        let stderr = ""
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
        child.on("error", reject)
        child.on("close", (code) => resolve({ code, stdout, stderr }))
      }),
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}
