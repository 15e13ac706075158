/**
 * Weighted co-occurrence counts: X(w, c) = Σ 1 / distance over all pairs of vocabulary words at most `window` positions
 * apart in the same text, both directions. Words outside the vocabulary keep their positions.
 *
 * Cost: two passes over tokens × 2 · window pairs and 6 bytes a pair; sums are float64 in a fixed order.
 * Source of the weighting: Pennington, Socher & Manning, "GloVe", EMNLP 2014, section 4.2.
 */
import type { SparseMatrix } from "../linalg/SparseMatrix.ts"
import type { TokenStream } from "./TokenStream.ts"

const OUTSIDE = 0xffffffff

/** Calls `visit(w, c, distance)` for every ordered pair, in a fixed order. */
const forPairs = (
  rows: Uint32Array,
  starts: Uint32Array,
  window: number,
  visit: (w: number, c: number, distance: number) => void
): void => {
  for (let text = 0; text + 1 < starts.length; text++) {
    const end = starts[text + 1]
    for (let i = starts[text]; i < end; i++) {
      const w = rows[i]
      if (w === OUTSIDE) continue
      const last = Math.min(i + window, end - 1)
      for (let j = i + 1; j <= last; j++) {
        const c = rows[j]
        if (c === OUTSIDE) continue
        visit(w, c, j - i)
        visit(c, w, j - i)
      }
    }
  }
}

/** Counts over `vocabulary`, a list of word numbers of the stream; row and column r stand for vocabulary[r]. */
export const cooccurrence = (
  stream: TokenStream,
  vocabulary: ReadonlyArray<number>,
  window: number
): SparseMatrix => {
  const size = vocabulary.length
  const rowOf = new Uint32Array(stream.words.length).fill(OUTSIDE)
  vocabulary.forEach((number, row) => (rowOf[number] = row))
  const rows = stream.tokens.map((number) => rowOf[number])

  const pairStarts = new Uint32Array(size + 1)
  forPairs(rows, stream.starts, window, (w) => pairStarts[w + 1]++)
  for (let w = 0; w < size; w++) pairStarts[w + 1] += pairStarts[w]
  const contexts = new Uint32Array(pairStarts[size])
  const distances = new Uint16Array(pairStarts[size])
  const next = pairStarts.slice()
  forPairs(rows, stream.starts, window, (w, c, distance) => {
    contexts[next[w]] = c
    distances[next[w]++] = distance
  })

  // Row by row: a dense accumulator, and a list of the columns it was touched in.
  const sums = new Float64Array(size)
  const indptr = new Uint32Array(size + 1)
  const columns: Array<Uint32Array> = []
  const values: Array<Float64Array> = []
  for (let w = 0; w < size; w++) {
    const touched: Array<number> = []
    for (let at = pairStarts[w]; at < pairStarts[w + 1]; at++) {
      const c = contexts[at]
      if (sums[c] === 0) touched.push(c)
      sums[c] += 1 / distances[at]
    }
    const row = Uint32Array.from(touched).sort()
    columns.push(row)
    values.push(Float64Array.from(row, (c) => sums[c]))
    for (const c of row) sums[c] = 0
    indptr[w + 1] = indptr[w] + row.length
  }
  const indices = new Uint32Array(indptr[size])
  const data = new Float64Array(indptr[size])
  for (let w = 0; w < size; w++) {
    indices.set(columns[w], indptr[w])
    data.set(values[w], indptr[w])
  }
  return { rows: size, columns: size, indptr, indices, values: data }
}
