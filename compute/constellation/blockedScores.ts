/**
 * Inner products by the float32 kernel, in blocks of left rows: for tens of thousands of rows against thousands of
 * columns. Memory: the right side once more, packed in panels of 8 rows, and one block of scores.
 *
 * Cost: 2·N·M·d flops at some 20 GF/s a core. Each score sums its d products in order, whatever the block.
 */
import { openKernel } from "./kernel/contrastive.ts"
import type { ScoreBlocks } from "./scores.ts"

/** Rows of a block: its scores and vectors stay near the second-level cache. */
const blockSize = 256

export const blockedScores: ScoreBlocks = (pairing, visit) => {
  const { columns, dims, left, right, rows } = pairing
  const kernel = openKernel()
  const panels = kernel.floats(Math.ceil(columns / 8) * 8 * dims)
  const count = Math.min(rows, blockSize)
  const block = kernel.floats(count * dims)
  const scores = kernel.floats(count * columns)
  const packed = panels.view()
  for (let j = 0; j < columns; j++) {
    const at = (j >> 3) * 8 * dims + (j & 7)
    for (let c = 0; c < dims; c++) packed[at + c * 8] = right[j * dims + c]
  }
  const [input, output] = [block.view(), scores.view()]
  for (let start = 0; start < rows; start += count) {
    const here = Math.min(count, rows - start)
    input.set(left.subarray(start * dims, (start + here) * dims))
    kernel.run.scores(block.at, panels.at, scores.at, here, columns, dims)
    visit(start, here, output)
  }
}
