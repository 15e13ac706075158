/** How much memory `sae/encode` takes for a large view, measured in a process that does nothing else. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export interface Encoded {
  readonly rows: number
  readonly dims: number
  readonly features: number
  readonly k: number
  readonly seconds: number
  /** Peak resident memory of the whole process, in 10⁶ bytes. */
  readonly peakMegabytes: number
}

const runner = fileURLToPath(new URL("../run.mjs", import.meta.url))
const study = fileURLToPath(new URL("./encodingStudy.ts", import.meta.url))

export const encodeLarge = (rows: number): Encoded => {
  const sizes = { rows, dims: 768, features: 16_384, k: 32 }
  const folder = mkdtempSync(join(tmpdir(), "asterism-encode-"))
  try {
    const step = (name: string): string =>
      execFileSync(process.execPath, [runner, study, name, folder, ...Object.values(sizes).map(String)], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"]
      })
    step("prepare")
    return { ...sizes, ...(JSON.parse(step("encode")) as Pick<Encoded, "seconds" | "peakMegabytes">) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
