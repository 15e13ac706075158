import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { runInNewContext } from "node:vm"
import { expect, it } from "vitest"
import { toCsv } from "../../report/csv.ts"

it("the page's script is type-checked, strictly", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url))
  const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url))
  expect(
    execFileSync(process.execPath, [compiler, "-p", "report/client"], { cwd: root, encoding: "utf8" })
  ).toBe("")
})

it("a download holds no formula, and every other value as it is", () => {
  const source = readFileSync(new URL("../../report/client/data.js", import.meta.url), "utf8")
  const withoutFormulas = runInNewContext(`${source}\nwithoutFormulas`, {
    document: { addEventListener: () => {} }
  }) as (csv: string) => string
  const rows = [
    ["=HYPERLINK(1)", -1.5],
    ["+cmd|' /C calc'!A0", 0],
    ["-2+3", null],
    ["@SUM(A1)", 1e21],
    ["\t=1", 2],
    ["\r=1", 2],
    ["\uff1d1", 2],
    ["-4.5", 2],
    ["", 2],
    [null, 2],
    ['a "b", c\nd', 2]
  ]
  const guarded = rows.map(([text, number], at) => [at < 7 ? `'${text}` : text!, number!])
  expect(withoutFormulas(toCsv({ columns: ["=key", "value"], rows: rows as never }))).toBe(
    toCsv({ columns: ["'=key", "value"], rows: guarded as never })
  )
})
