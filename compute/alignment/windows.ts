/**
 * Windows and bands of words of falling frequency (arXiv 2605.28870, the noise study).
 */

export interface FrequencyWindow {
  readonly firstRank: number
  readonly lastRank: number
  readonly meanFrequency: number
  /** (mean frequency + 1e-12)^(−1/2): the size of noise in the paper's model. */
  readonly x: number
}

/** Up to `windows` windows of `size` words, each `stride` ranks after the one before; only full ones. */
export const rollingWindows = (
  frequency: ArrayLike<number>,
  options: { readonly windows: number; readonly size: number; readonly stride: number }
): ReadonlyArray<FrequencyWindow> => {
  const { size, stride, windows } = options
  const result: Array<FrequencyWindow> = []
  for (let w = 0; w < windows && w * stride + size <= frequency.length; w++) {
    const firstRank = w * stride
    const lastRank = firstRank + size - 1
    const meanFrequency = meanOf(frequency, firstRank, lastRank)
    result.push({ firstRank, lastRank, meanFrequency, x: 1 / Math.sqrt(meanFrequency + 1e-12) })
  }
  return result
}

export interface FrequencyBand {
  readonly words: number
  readonly meanFrequency: number
  readonly overlap: number
}

/** Means over all words (first) and over `count` bands of equally many words from the most frequent on. */
export const bandsOf = (
  overlap: ArrayLike<number>,
  frequency: ArrayLike<number>,
  count: number
): ReadonlyArray<FrequencyBand> => {
  const n = overlap.length
  const edges = Array.from({ length: count + 1 }, (_, b) => Math.floor((b * n) / count))
  const ranges = [[0, n], ...edges.slice(1).map((to, b) => [edges[b], to])].filter(([from, to]) => to > from)
  return ranges.map(([from, to]) => ({
    words: to - from,
    meanFrequency: meanOf(frequency, from, to - 1),
    overlap: meanOf(overlap, from, to - 1)
  }))
}

const meanOf = (values: ArrayLike<number>, first: number, last: number): number => {
  let sum = 0
  for (let i = first; i <= last; i++) sum += values[i]
  return sum / (last - first + 1)
}
