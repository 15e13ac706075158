/** Benches take the options that their first comment names, and no others: a typing error must not cost ten minutes. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const bench = (...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, ["bench/run.mjs", ...args], { cwd: root, encoding: "utf8" })

describe("options of a bench", () => {
  it("--help prints what the script does and its options", () => {
    const { status, stdout } = bench("bench/compute/index.ts", "--help")
    expect(status).toBe(0)
    expect(stdout).toContain("training steps and a matrix product")
    expect(stdout).toContain("--quick")
  })

  it.each(["bench/compute/index.ts", "bench/engine/index.ts", "bench/margin/recipe.ts"])(
    "%s refuses an option that it does not have",
    (script) => {
      const { status, stderr } = bench(script, "--qiuck")
      expect(status).toBe(2)
      expect(stderr.trim()).toBe(`${script} has no option --qiuck; --help says which it has`)
    }
  )
})
