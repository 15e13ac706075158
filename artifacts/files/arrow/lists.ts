/** Columns of lists of numbers: where each row's list is among the values of its child. Throws `Malformed`. */
import type { ArrowType } from "../../codecs/arrow/fields.ts"
import { Malformed } from "../../codecs/arrow/flatTable.ts"
import { offsetsOf } from "./elements.ts"
import { isNull, type Lookups } from "./lookup.ts"
import { type Complaint, readNumbers, type Values } from "./numbers.ts"
import { firstNull, type Part } from "./parts.ts"

export const isList = ({ type }: ArrowType): boolean =>
  type === "fixedSizeList" ||
  type === "list" ||
  type === "largeList" ||
  type === "listView" ||
  type === "largeListView"

/** Start and length of the list of row `i`. */
interface Places {
  readonly start: (i: number) => number
  readonly length: (i: number) => number
}

const placesOf = (part: Part): Places => {
  const { type, length } = part
  const { length: entries } = part.children[0]!
  switch (type.type) {
    case "fixedSizeList":
      return { start: (i) => i * type.size, length: () => type.size }
    case "list":
    case "largeList": {
      const offsets = offsetsOf(part, 0, type.type === "largeList", length + 1)
      for (let i = 0; i < length; i++)
        if (offsets[i]! < 0 || offsets[i + 1]! < offsets[i]! || offsets[i + 1]! > entries)
          throw new Malformed(`list ${i} of a column lies outside its values`)
      return { start: (i) => offsets[i]!, length: (i) => offsets[i + 1]! - offsets[i]! }
    }
    default: {
      const wide = type.type === "largeListView"
      const starts = offsetsOf(part, 0, wide, length)
      const lengths = offsetsOf(part, 1, wide, length)
      for (let i = 0; i < length; i++)
        if (starts[i]! < 0 || lengths[i]! < 0 || starts[i]! + lengths[i]! > entries)
          throw new Malformed(`list ${i} of a column lies outside its values`)
      return { start: (i) => starts[i]!, length: (i) => lengths[i]! }
    }
  }
}

/** How long the first list of a part with at least one row is; a complaint where it is null. */
export const firstLength = (part: Part): number | Complaint =>
  firstNull(part, 0, 1) < 0 ? placesOf(part).length(0) : { at: 0, what: isNull }

/** Reads every row's list, each of `dims` numbers, to `into[start …]`. */
export const readLists = (
  part: Part,
  dims: number,
  into: Values,
  start: number,
  lookups: Lookups
): Complaint | undefined => {
  const places = placesOf(part)
  const missing = firstNull(part, 0, part.length)
  let rows = missing < 0 ? part.length : missing
  let complaint: Complaint | undefined = missing < 0 ? undefined : { at: missing, what: isNull }
  for (let i = 0; i < rows; i++)
    if (places.length(i) !== dims) {
      rows = i
      complaint = { at: i, what: `has ${places.length(i)} numbers and row 0 has ${dims}` }
    }
  const read = (row: number, count: number): Complaint | undefined => {
    const first = places.start(row)
    const target = { into, start: start + row * dims, stride: 1 }
    const wrong = readNumbers(part.children[0]!, first, count * dims, target, lookups)
    if (wrong === undefined) return undefined
    const at = row + Math.floor((wrong.at - first) / dims)
    return { at, what: `${wrong.what} at place ${(wrong.at - first) % dims}` }
  }
  // Rows that follow each other among the values are read at once.
  for (let row = 0; row < rows;) {
    let count = 1
    while (row + count < rows && places.start(row + count) === places.start(row) + count * dims) count++
    const wrong = read(row, count)
    if (wrong !== undefined) return wrong
    row += count
  }
  return complaint
}
