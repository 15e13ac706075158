import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { workplace } from "../support/command.ts"

const place = workplace()
afterAll(() => place.remove())

describe("asterism margin", () => {
  const qrels = "q1 0 d1 1\nq1 0 d2 2\nq2 0 d1 0\nq2 0 d3 1\nq3 0 d2 1\n"

  it("prints one object, and saves the embeddings of each threshold", { timeout: 60_000 }, async () => {
    const file = place.file("qrels.trec", qrels)
    const words = [
      "margin",
      file,
      "--dim",
      "4",
      "--time",
      "2s",
      "--save",
      join(place.folder, "saved"),
      "--json"
    ]
    const { code, stderr, stdout } = await place.asterism(...words)
    expect(code, stderr).toBe(0)
    const record = JSON.parse(stdout)
    const named = ["rows", "cols", "dim", "margin", "marginShifted", "marginRow", "relativeBias"]
    const bounds = ["upperBound", "upperBoundShifted", "upperBoundRow", "gap", "gapShifted", "gapRow"]
    for (const name of [...named, ...bounds, "seconds"]) expect(typeof record[name], name).toBe("number")
    expect(record).toMatchObject({ rows: 3, cols: 3, dim: 4, boundedBy: "dimension-free" })
    for (const threshold of ["zero", "global", "row"]) {
      for (const side of ["queries", "documents"]) {
        const path = join(place.folder, "saved", `${threshold}-${side}`)
        expect(readFileSync(`${path}.npy`).toString("latin1", 0, 128)).toMatch(/'<f8'.*\(3, 4\)/)
        expect(existsSync(`${path}.parquet`)).toBe(true)
      }
    }
    expect(readFileSync(join(place.folder, "saved", "row-queries.npy.keys.txt"), "utf8")).toBe("q1\nq2\nq3\n")
  })

  it("reads a matrix by its options and says what was assumed", { timeout: 60_000 }, async () => {
    const file = place.file("m.csv", "word,at,a,b,c\nx,2020-01-01,1.5,0,-1\ny,2020-01-02,0,1.5,0\n")
    const words = ["margin", file, "--columns", "a,b", "--dim", "2", "--time", "200ms", "--json"]
    const { code, stdout, stderr } = await place.asterism(...words)
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ rows: 2, cols: 2, notes: [] })
    const all = await place.asterism("margin", file, "--dim", "2", "--time", "200ms", "--json")
    expect(JSON.parse(all.stdout)).toMatchObject({ rows: 2, cols: 3 })
    expect(JSON.parse(all.stdout).notes.join(" ")).toMatch(/'at' is no coordinate.*1 value is negative/)
    expect(all.stderr).toContain("note: ")
    const judged = await place.asterism("margin", place.file("q.trec", qrels), "--dim", "2", "--array", "x")
    expect(judged.code).toBe(2)
    expect(judged.stderr).toContain("--array does not apply")
  })

  it("refuses what is no matrix, with exit code 2", { timeout: 60_000 }, async () => {
    const { code, stderr } = await place.asterism("margin", "complete:3,9", "--dim", "2")
    expect(code).toBe(2)
    expect(stderr).toMatch(/k must be from 0 to n/)
  })
})
