/** Installs the locked packages unless they are there already: `npm test` and `npm run demo` work on a fresh clone. */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { checkNode } from "./check-node.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const read = (path) => JSON.parse(readFileSync(root + path, "utf8"))

/** Every locked package that this platform needs is installed at its locked version. */
const installed = () => {
  const hidden = "node_modules/.package-lock.json"
  if (!existsSync(root + hidden)) return false
  const have = read(hidden).packages
  return Object.entries(read("package-lock.json").packages).every(
    ([path, wanted]) =>
      path === "" || wanted.optional || wanted.peer || have[path]?.version === wanted.version
  )
}

export const installIfNeeded = () => {
  checkNode()
  if (installed()) return
  console.error("Installing the locked packages (npm ci) ...")
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32"
  })
  if (status !== 0) {
    console.error(
      "asterism: npm could not install the packages. Expected: a reachable npm registry. Next: check the network or 'npm config get registry', then run the command again."
    )
    process.exit(2)
  }
}

installIfNeeded()
