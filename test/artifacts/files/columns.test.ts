import { describe, expect, it } from "@effect/vitest"
import { chooseColumns, isIdName, type Column, type ColumnKind } from "../../../artifacts/files/columns.ts"

const column = (name: string, kind: ColumnKind, more: Partial<Column> = {}): Column => ({
  name,
  kind,
  ...more
})
const floats = [column("d0", "float"), column("d1", "float")]
const choose = (columns: ReadonlyArray<Column>, only?: ReadonlyArray<string>) =>
  chooseColumns("f", columns, only)
const refusal = (columns: ReadonlyArray<Column>, only?: ReadonlyArray<string>): string => {
  try {
    choose(columns, only)
  } catch (error) {
    return (error as Error).message
  }
  return "not refused"
}

describe("which column is the key and which are coordinates", () => {
  it("takes the first text column, wherever it stands, and names what it leaves out", () => {
    expect(
      choose([...floats, column("word", "text"), column("date", "time"), column("seen", "boolean")])
    ).toEqual({
      key: 2,
      coordinates: [0, 1],
      notes: ["Columns 'date' and 'seen' are no coordinates (a time, a boolean) and are left out."]
    })
  })

  it("prefers a single text index level, then a text column named key or id", () => {
    expect(choose([column("topic", "text"), ...floats, column("name", "text", { index: true })]).key).toBe(3)
    expect(choose([column("topic", "text"), column("ID", "text"), ...floats]).key).toBe(1)
  })

  it("takes an integer id for the key only where no text is and its values are distinct, and says so", () => {
    const distinct = { rowNumbers: () => true }
    expect(choose([column("doc_id", "integer", distinct), ...floats])).toEqual({
      key: 0,
      coordinates: [1, 2],
      notes: ["Column 'doc_id' names the rows (an id or index by its name)."]
    })
    expect(choose([column("user_id", "integer", { rowNumbers: () => false }), ...floats])).toEqual({
      key: null,
      coordinates: [1, 2],
      notes: ["Column 'user_id' is no coordinate (an id or index by its name) and is left out."]
    })
    const words = choose([column("id", "integer", distinct), column("word", "text"), ...floats])
    expect([words.key, words.coordinates]).toEqual([1, [2, 3]])
  })

  it("never takes an index level, a row number or an id for a coordinate", () => {
    for (const name of [
      "",
      "Unnamed: 0",
      "level_1",
      "__index_level_0__",
      "index",
      "row",
      "Row number",
      "doc id"
    ])
      expect(choose([column("id", "text"), column(name, "integer"), ...floats]).coordinates, name).toEqual([
        2, 3
      ])
    expect(choose([column("year", "integer", { index: true }), column("a", "integer")]).coordinates).toEqual([
      1
    ])
    expect(choose([column("t", "float", { index: true }), column("a", "float")]).coordinates).toEqual([1])
    const whole = column("docId", "float", { rowNumbers: () => true })
    expect(choose([whole, ...floats]).coordinates).toEqual([1, 2])
  })

  it("takes integers where there are no floats, and leaves them out beside floats", () => {
    expect(choose([column("a", "integer"), column("b", "integer")]).coordinates).toEqual([0, 1])
    expect(choose([column("count", "integer"), ...floats])).toEqual({
      key: null,
      coordinates: [1, 2],
      notes: ["Column 'count' is no coordinate (a whole number beside decimal ones) and is left out."]
    })
  })

  it("takes the one column of lists, and refuses two", () => {
    expect(choose([column("id", "text"), column("v", "list"), column("score", "float")]).coordinates).toEqual(
      [1]
    )
    expect(refusal([column("v", "list"), column("w", "list")])).toContain("'v' and 'w' are lists")
    expect(choose([column("v", "list"), column("w", "list")], ["w"]).coordinates).toEqual([1])
  })

  it("refuses a file without coordinates and says what there is", () => {
    expect(refusal([column("id", "text"), column("raw", "binary")])).toContain(
      "'id' is the key, 'raw' is binary values"
    )
    expect(refusal([])).toContain("there are no columns")
  })

  it("never drops one of two columns of a name", () => {
    expect(refusal([column("d0", "float"), column("d0", "float")])).toContain("the same name 'd0'")
    expect(refusal([column("", "float"), column("", "float")])).toContain("the same name: none")
    const levels = choose([column("", "integer"), column("", "integer"), ...floats])
    expect(levels.coordinates).toEqual([2, 3])
  })

  it("takes what --columns names, in its order, and refuses what is not there or no number", () => {
    const columns = [column("id", "integer"), ...floats, column("n", "integer"), column("at", "time")]
    expect(choose(columns, ["n", "d0"])).toEqual({
      key: 0,
      coordinates: [3, 1],
      notes: ["Column 'id' names the rows (an id or index by its name)."]
    })
    expect(refusal(columns, ["d9"])).toContain("no column 'd9'")
    expect(refusal(columns, ["at"])).toContain("Column 'at' is a time")
    expect(refusal(columns, ["d0", "d0"])).toContain("twice")
  })

  it("knows ids by their names, and no other words", () => {
    for (const name of ["id", "doc_id", "doc-id", "doc id", "docId", "docID", "IDX", "row_index"])
      expect(isIdName(name), name).toBe(true)
    for (const name of ["d0", "valid", "grid", "arid", "rows", "width", "Madrid", "levels_1"])
      expect(isIdName(name), name).toBe(false)
  })
})
