/** What is wrong with compressed sparse rows, if anything: kernels and loops follow row starts and columns without looking. */

/** See `SparseRows`; without keys and values. */
export interface CompressedIndices {
  readonly dims: number
  readonly indptr: ArrayLike<number>
  readonly indices: ArrayLike<number>
}

/** Row starts that do not go from 0 to the number of entries, or that fall, as a sentence that names the row. */
export const startsFault = (rows: number, indptr: ArrayLike<number>, entries: number): string | undefined => {
  if (indptr.length !== rows + 1) return `There are ${indptr.length} row starts for ${rows} rows.`
  if (indptr[0] !== 0) return `Row 0 starts at entry ${indptr[0]}, not at 0.`
  for (let row = 0; row < rows; row++) {
    const [from, to] = [indptr[row]!, indptr[row + 1]!]
    if (!(to >= from && to <= entries && Number.isInteger(to))) {
      return `Row ${row} goes from entry ${from} to ${to}, of ${entries}.`
    }
  }
  return indptr[rows] === entries ? undefined : `The last row ends at entry ${indptr[rows]}, of ${entries}.`
}

/**
 * The first fault as a sentence that names its row: in the starts, or a column that is no whole number below `dims` or does
 * not rise within its row. Cost O(rows + entries).
 */
export const sparseFault = (
  rows: number,
  { dims, indices, indptr }: CompressedIndices
): string | undefined => {
  const fault = startsFault(rows, indptr, indices.length)
  if (fault !== undefined) return fault
  for (let row = 0; row < rows; row++) {
    let last = -1
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) {
      const column = indices[at]!
      if (!(column >= 0 && column < dims && Number.isInteger(column))) {
        return `Row ${row} names column ${column} of ${dims}.`
      }
      if (column <= last) return `Row ${row} names column ${column} after ${last}: its columns do not rise.`
      last = column
    }
  }
  return undefined
}
