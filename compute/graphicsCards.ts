/**
 * The models of this machine's NVIDIA cards, which decide how sums are ordered on them: as the driver names them, each once,
 * in order; `unknown` where nothing tells. Where they differ, the ones that a process may see count too.
 */
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"

const folder = "/proc/driver/nvidia/gpus"

const fromDriver = (): ReadonlyArray<string> =>
  readdirSync(folder).flatMap((name) => {
    const model = /^Model:\s*(.+)$/m.exec(readFileSync(`${folder}/${name}/information`, "utf8"))?.[1]
    return model === undefined ? [] : [model.trim()]
  })

const fromTool = (): ReadonlyArray<string> =>
  execFileSync("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 10_000
  })
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")

const found = (): ReadonlyArray<string> => {
  for (const ask of [fromDriver, fromTool]) {
    try {
      const models = ask()
      if (models.length > 0) return models
    } catch {
      // No driver of this kind: ask the next.
    }
  }
  return ["unknown"]
}

let cards: string | undefined

export const graphicsCards = (): string => {
  if (cards === undefined) {
    const models = [...new Set(found())].sort()
    const visible = process.env.CUDA_VISIBLE_DEVICES
    cards = models.join(", ") + (models.length > 1 && visible !== undefined ? ` (visible: ${visible})` : "")
  }
  return cards
}
