/** `npm run demo`: installs if needed, runs the words alignment study on real data, and says where the report is. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import "./install-if-needed.mjs"

const command = fileURLToPath(new URL("./asterism.mjs", import.meta.url))
const { status, signal } = spawnSync(process.execPath, [command, "run", "words", ...process.argv.slice(2)], {
  stdio: "inherit"
})
process.exit(status ?? (signal === "SIGINT" ? 130 : 1))
