import * as fc from "fast-check"
import { gunzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { toCsv, type Cell } from "../../report/csv.ts"
import { cutRows, embedTables, type TableToEmbed } from "../../report/embed.ts"

const tableOf = (id: string, rows: number): TableToEmbed => ({
  id,
  fileName: id,
  table: {
    columns: ["key", "value"],
    rows: Array.from({ length: rows }, (_, row) => [`key-${row}`, Math.sin(row)])
  },
  total: rows
})

const csvOf = (script: string): string => {
  const packed = JSON.parse(script.slice(script.indexOf(">") + 1, script.lastIndexOf("<"))) as {
    csv?: string
    gzip?: string
  }
  return packed.csv ?? gunzipSync(Buffer.from(packed.gzip!, "base64")).toString()
}

const columnsOf = (rows: ReadonlyArray<ReadonlyArray<Cell>>) =>
  embedTables([{ id: "t", fileName: "t", table: { columns: ["c"], rows }, total: 1 }], 1e6).get("t")!.columns

describe("CSV", () => {
  it("quotes what must be quoted and tells null from the empty text", () => {
    expect(
      toCsv({
        columns: ["a", "b"],
        rows: [
          ["x,y", 'say "hi"'],
          ["", null],
          ["two\nlines", 0.1 + 0.2],
          [" padded", true]
        ]
      })
    ).toBe('a,b\n"x,y","say ""hi"""\n"",\n"two\nlines",0.30000000000000004\n" padded",true\n')
  })
  it("keeps every digit of every number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const line = toCsv({ columns: ["v"], rows: [[value]] }).split("\n")[1]!
        expect(Number(line)).toBe(value === 0 ? 0 : value)
      })
    )
  })
})

describe("embedded tables", () => {
  it("come out as they went in, compressed or not", () => {
    for (const rows of [0, 3, 5000]) {
      const item = tableOf("t", rows)
      const embedded = embedTables([item], 1e7).get("t")!
      expect(csvOf(embedded.script)).toBe(toCsv(item.table))
      expect([embedded.held, embedded.total]).toEqual([rows, rows])
    }
  })
  it("cannot end their script early", () => {
    const cells: ReadonlyArray<ReadonlyArray<Cell>> = [["</script><script>alert(1)</script>"]]
    const { script } = embedTables(
      [{ id: "t", fileName: "t", table: { columns: ["<!--"], rows: cells }, total: 1 }],
      1e6
    ).get("t")!
    expect(script.match(/<\/script/g)).toHaveLength(1)
    expect(script).not.toContain("<!--")
    expect(csvOf(script)).toContain("</script><script>alert(1)</script>")
  })
  it("are cut only past the budget, the largest first, and say so", () => {
    const tables = [tableOf("huge", 100_000), tableOf("small", 3000)]
    const embedded = embedTables(tables, 200_000)
    expect(embedded.get("small")!.held).toBe(3000)
    expect([embedded.get("huge")!.held, embedded.get("huge")!.total]).toEqual([cutRows, 100_000])
    expect(csvOf(embedded.get("huge")!.script).split("\n")).toHaveLength(cutRows + 2)
    expect(embedTables(tables, 1e8).get("huge")!.held).toBe(100_000)
  })
  it("know which columns are numbers", () => {
    expect(columnsOf([[1], [null]])[0]!.numeric).toBe(true)
    expect(columnsOf([["1"]])[0]!.numeric).toBe(false)
    expect(columnsOf([[null]])[0]!.numeric).toBe(false)
  })
})
