/** C31 - a result made where multiply-add is fused is not served where it is not, and the other way round. */
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { fusedMultiplyAdd } from "../../compute/processor.ts"

const binary = fileURLToPath(new URL("../../bin/asterism.mjs", import.meta.url))
/** What makes the engine round twice, as a processor without fused multiply-add does. */
const separate = "--no-enable-fma3"
const node = "basic/d3/train"
const possible = process.arch === "x64" && fusedMultiplyAdd() === "fused"
if (!possible)
  console.log(
    "skipped: the engine's flag to round twice is x64's, and this processor must have fused multiply-add"
  )

interface RunFile {
  readonly nodes: { readonly [node: string]: { readonly status: string; readonly outputs: object } }
}

it.skipIf(!possible)(
  "C31 - a processor that rounds otherwise computes its own, and finds its own again",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "asterism-numerics-"))
    const words = [
      "run",
      "constellation-basic",
      "--until",
      node,
      "--set",
      `${node}.steps=50`,
      "--store",
      folder
    ]
    const seen = new Set<string>()
    /** What the last run says of the node. */
    const made = async (...flags: ReadonlyArray<string>) => {
      await promisify(execFile)(process.execPath, [...flags, binary, ...words])
      const last = readdirSync(join(folder, "runs")).find((name) => !seen.has(name))!
      seen.add(last)
      const file = JSON.parse(readFileSync(join(folder, "runs", last, "run.json"), "utf8")) as RunFile
      return file.nodes[node]!
    }
    try {
      const fused = await made()
      expect(fused.status).toBe("ran")
      const twice = await made(separate)
      expect(twice.status).toBe("ran")
      expect(twice.outputs).not.toEqual(fused.outputs)
      expect(await made()).toMatchObject({ status: "cached", outputs: fused.outputs })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
)
