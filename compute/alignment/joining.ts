/**
 * Joins rows of several views by key. The order of the joined rows is the order of the first view, whatever order the
 * others are in, so "the lower row" of a tie rule means the key that comes first there.
 */

export interface Joined {
  readonly keys: ReadonlyArray<string>
  /** For each view, the row number of every joined key. */
  readonly rows: ReadonlyArray<Uint32Array>
}

/** The keys found in every list. Cost linear in the number of keys. Keys within a list must be distinct. */
export const joinKeys = (lists: ReadonlyArray<ReadonlyArray<string>>): Joined => {
  if (lists.length === 0) return { keys: [], rows: [] }
  const [first, ...others] = lists
  // Views of one corpus usually share their keys, order and all.
  const same = others.every((list) => list === first || sameKeys(list, first))
  if (same) {
    const every = Uint32Array.from(first, (_, i) => i)
    return { keys: first, rows: lists.map(() => every) }
  }
  const places = others.map((list) => new Map(list.map((key, row) => [key, row])))
  const keys: Array<string> = []
  const rows: Array<Array<number>> = lists.map(() => [])
  for (let i = 0; i < first.length; i++) {
    const found = places.map((place) => place.get(first[i]))
    if (found.includes(undefined)) continue
    keys.push(first[i])
    rows[0].push(i)
    found.forEach((row, view) => rows[view + 1].push(row!))
  }
  return { keys, rows: rows.map((numbers) => Uint32Array.from(numbers)) }
}

/** The first key that occurs twice, if any. */
export const duplicateKey = (keys: ReadonlyArray<string>): string | undefined => {
  const seen = new Set<string>()
  for (const key of keys) {
    if (seen.has(key)) return key
    seen.add(key)
  }
  return undefined
}

const sameKeys = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
