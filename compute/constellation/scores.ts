/**
 * Inner products s_ij = ⟨U_i, V_j⟩ of a pairing, delivered in blocks of left rows, so that N × M scores never exist at
 * once: memory is one block whatever N is.
 *
 * Cost: N·M·d multiply-adds. This provider is plain float64; `kernel/` has a float32 one for large inputs.
 */
import type { Pairing } from "./Pairing.ts"

/** Scores of `count` consecutive left rows from `start`: `scores[(i − start) * columns + j]`. Valid during the call only. */
export type ScoreVisitor = (start: number, count: number, scores: Float32Array | Float64Array) => void

/** Calls the visitor with every block of rows, in order. */
export type ScoreBlocks = (pairing: Pairing, visit: ScoreVisitor) => void

/** Rows a block holds so that it has about `entries` scores. */
export const blockRows = (columns: number, entries: number = 1 << 18): number =>
  Math.max(1, Math.floor(entries / columns))

export const exactScores: ScoreBlocks = (pairing, visit) => {
  const { left, right, dims, rows, columns } = pairing
  const size = Math.min(rows, blockRows(columns))
  const block = new Float64Array(size * columns)
  for (let start = 0; start < rows; start += size) {
    const count = Math.min(size, rows - start)
    for (let i = 0; i < count; i++) {
      const u = (start + i) * dims
      for (let j = 0; j < columns; j++) {
        const v = j * dims
        let sum = 0
        for (let c = 0; c < dims; c++) sum += left[u + c] * right[v + c]
        block[i * columns + j] = sum
      }
    }
    visit(start, count, block)
  }
}
