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

/**
 * Windows for fewer words than two windows need: `size` and `stride` shrunk in one proportion so that all of them fit.
 * Unchanged where the words fill two windows.
 */
export const shrunkWindows = <W extends { windows: number; size: number; stride: number }>(
  words: number,
  options: W
): W => {
  const { windows, size, stride } = options
  if (words >= size + stride) return options
  const scale = words / (size + (windows - 1) * stride)
  return {
    ...options,
    size: Math.max(4, Math.floor(scale * size)),
    stride: Math.max(1, Math.floor(scale * stride))
  }
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
