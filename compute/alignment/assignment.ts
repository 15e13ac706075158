/**
 * Maximum-weight assignment on a sparse bipartite graph: each row takes at most one column and each column at most one row;
 * a row may stay alone, which is worth 0. Exact on the edges given, with dual prices that prove it.
 *
 * Rows are inserted one at a time along a shortest augmenting path (Jonker & Volgenant, Computing 38, 1987, in Dijkstra
 * form on reduced costs). On return u_r + v_c ≥ w_rc on every edge, u, v ≥ 0, with equality on matched edges and 0 on what
 * is unmatched, so that Σu + Σv equals the weight of the matching. Worst case O(rows · edges · log columns); on the
 * graphs of matched features a path looks at a small part of them.
 */

export interface Edges {
  /** Columns and weights of the edges of each row. */
  readonly columns: ReadonlyArray<ReadonlyArray<number>>
  readonly weights: ReadonlyArray<ReadonlyArray<number>>
  readonly columnCount: number
}

export interface Assignment {
  /** The column of each row, −1 where it stays alone. */
  readonly columnOf: Int32Array
  readonly value: number
  readonly rowPrice: Float64Array
  readonly columnPrice: Float64Array
}

/** The best assignment on the given edges. Edges of weight 0 or less are never used. */
export const assign = ({ columnCount, columns, weights }: Edges): Assignment => {
  const rowCount = columns.length
  const columnOf = new Int32Array(rowCount).fill(-1)
  const rowOf = new Int32Array(columnCount).fill(-1)
  const rowPrice = new Float64Array(rowCount)
  const columnPrice = new Float64Array(columnCount)
  const distance = new Float64Array(columnCount)
  const before = new Int32Array(columnCount)
  const seen = new Int32Array(columnCount).fill(-1)
  const closed = new Int32Array(columnCount).fill(-1)
  const queue = new Queue()

  for (let start = 0; start < rowCount; start++) {
    let best = 0
    columns[start].forEach((column, e) => {
      best = Math.max(best, weights[start][e] - columnPrice[column])
    })
    rowPrice[start] = best
    // The path ends where it is cheapest: in a free column, or with some row that gives its column up.
    let end = best
    let lastRow = start
    let lastColumn = -1
    const rows = [start]
    const rowDistance = [0]
    const reached: Array<number> = []
    queue.clear()
    for (let row = start, at = 0; ;) {
      for (let e = 0; e < columns[row].length; e++) {
        const column = columns[row][e]
        if (closed[column] === start) continue
        const slack = Math.max(0, rowPrice[row] + columnPrice[column] - weights[row][e])
        const length = at + slack
        if (length >= end || (seen[column] === start && length >= distance[column])) continue
        seen[column] = start
        distance[column] = length
        before[column] = row
        queue.push(length, column)
      }
      let next = queue.pop()
      while (next >= 0 && closed[next] === start) next = queue.pop()
      if (next < 0 || distance[next] >= end) break
      closed[next] = start
      reached.push(next)
      at = distance[next]
      if (rowOf[next] < 0) {
        end = at
        lastColumn = next
        break
      }
      row = rowOf[next]
      rows.push(row)
      rowDistance.push(at)
      if (at + rowPrice[row] < end) {
        end = at + rowPrice[row]
        lastRow = row
      }
    }
    rows.forEach((row, r) => {
      rowPrice[row] = Math.max(0, rowPrice[row] - Math.max(0, end - rowDistance[r]))
    })
    for (const column of reached) columnPrice[column] += Math.max(0, end - distance[column])
    // Shift the path's rows onto the columns they were reached through.
    let column = lastColumn
    if (column < 0) {
      if (lastRow === start) continue
      column = columnOf[lastRow]
      columnOf[lastRow] = -1
    }
    for (;;) {
      const row = before[column]
      const given = columnOf[row]
      columnOf[row] = column
      rowOf[column] = row
      if (row === start) break
      column = given
    }
  }

  let value = 0
  for (let row = 0; row < rowCount; row++) {
    if (columnOf[row] >= 0) value += weights[row][columns[row].indexOf(columnOf[row])]
  }
  return { columnOf, value, rowPrice, columnPrice }
}

/** A binary heap of (key, item), smallest key first. */
class Queue {
  private readonly keys: Array<number> = []
  private readonly items: Array<number> = []

  clear(): void {
    this.keys.length = 0
    this.items.length = 0
  }

  push(key: number, item: number): void {
    const { items, keys } = this
    let at = keys.length
    keys.push(key)
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (keys[parent] <= key) break
      keys[at] = keys[parent]
      items[at] = items[parent]
      at = parent
    }
    keys[at] = key
    items[at] = item
  }

  /** The item with the smallest key, −1 where there is none. */
  pop(): number {
    const { items, keys } = this
    if (keys.length === 0) return -1
    const result = items[0]
    const key = keys.pop()!
    const item = items.pop()!
    const count = keys.length
    if (count === 0) return result
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= count) break
      if (child + 1 < count && keys[child + 1] < keys[child]) child++
      if (keys[child] >= key) break
      keys[at] = keys[child]
      items[at] = items[child]
      at = child
    }
    keys[at] = key
    items[at] = item
    return result
  }
}
