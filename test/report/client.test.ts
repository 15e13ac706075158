import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

it("the page's script is type-checked, strictly", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url))
  const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url))
  expect(
    execFileSync(process.execPath, [compiler, "-p", "report/client"], { cwd: root, encoding: "utf8" })
  ).toBe("")
})
