/**
 * Arrow as the JSON beside a file says it (the corpora's golden files, `<name>.json.gz`), or else as flechette reads it.
 * The JSON is that of Arrow's integration tests; only numbers, text and lists of them are taken from it.
 */
import * as fs from "node:fs"
import { gunzipSync } from "node:zlib"
import { Column, tableFromIPC } from "@uwdata/flechette"
import type { ReferenceColumn } from "../compareFiles.ts"

export const arrowColumns = async (path: string): Promise<ReadonlyArray<ReferenceColumn>> => {
  const golden = path.replace(/\.(stream|arrow_file)$/, ".json.gz")
  return golden !== path && fs.existsSync(golden)
    ? goldenColumns(JSON.parse(gunzipSync(fs.readFileSync(golden)).toString("utf8")) as Golden)
    : flechetteColumns(fs.readFileSync(path))
}

interface GoldenField {
  readonly name: string
  readonly type: { readonly name: string; readonly precision?: string; readonly listSize?: number }
  readonly children: ReadonlyArray<GoldenField>
  readonly dictionary?: { readonly id: number }
}

interface GoldenColumn {
  readonly count: number
  readonly VALIDITY?: ReadonlyArray<number>
  readonly DATA?: ReadonlyArray<unknown>
  readonly OFFSET?: ReadonlyArray<number | string>
  readonly children?: ReadonlyArray<GoldenColumn>
}

interface Golden {
  readonly schema: { readonly fields: ReadonlyArray<GoldenField> }
  readonly batches: ReadonlyArray<{ readonly columns: ReadonlyArray<GoldenColumn> }>
  readonly dictionaries?: ReadonlyArray<{
    readonly id: number
    readonly data: { readonly columns: ReadonlyArray<GoldenColumn> }
  }>
}

const goldenColumns = ({ schema, batches, dictionaries }: Golden): ReadonlyArray<ReferenceColumn> =>
  schema.fields.map((field, i) => ({
    name: field.name,
    cells: batches.flatMap(({ columns }) => {
      const cells = goldenCells(field, columns[i]!)
      if (field.dictionary === undefined) return cells
      const dictionary = dictionaries!.find(({ id }) => id === field.dictionary!.id)!.data.columns[0]!
      const entries = goldenCells({ ...field, dictionary: undefined } as never, dictionary)
      return (columns[i]!.DATA ?? []).map((index, row) =>
        columns[i]!.VALIDITY?.[row] === 0 ? null : entries[Number(index)]
      )
    })
  }))

const goldenCells = (field: GoldenField, column: GoldenColumn): ReadonlyArray<unknown> => {
  const cellAt = (row: number): unknown => {
    switch (field.type.name) {
      case "floatingpoint":
        // The JSON has three decimals of a number of single precision, which is the nearest one.
        return field.type.precision === "SINGLE"
          ? Math.fround(Number(column.DATA?.[row]))
          : Number(column.DATA?.[row])
      case "int":
      case "decimal":
        return column.DATA?.[row] === undefined ? null : Number(column.DATA[row])
      case "utf8":
      case "largeutf8":
        return column.DATA?.[row]
      case "list":
      case "largelist":
        return items(field, column).slice(Number(column.OFFSET?.[row]), Number(column.OFFSET?.[row + 1]))
      case "fixedsizelist":
        return items(field, column).slice(row * field.type.listSize!, (row + 1) * field.type.listSize!)
      default:
        return null
    }
  }
  return Array.from({ length: column.count }, (_, row) => (column.VALIDITY?.[row] === 0 ? null : cellAt(row)))
}

const items = (field: GoldenField, column: GoldenColumn): ReadonlyArray<unknown> =>
  column.children?.[0] === undefined ? [] : goldenCells(field.children[0]!, column.children[0])

const flechetteColumns = (bytes: Uint8Array): ReadonlyArray<ReferenceColumn> => {
  const table = tableFromIPC(bytes, { useBigInt: true })
  return table.schema.fields.map(({ name }, i) => ({
    name,
    cells: Array.from({ length: table.numRows }, (_, row) => plain(table.getChildAt(i).at(row)))
  }))
}

const plain = (cell: unknown): unknown =>
  cell instanceof Column || (ArrayBuffer.isView(cell) && !(cell instanceof DataView))
    ? Array.from(cell as unknown as Iterable<unknown>, plain)
    : cell
