/**
 * The rows and permutations that scores are taken on. They depend on the seed, the number of rows and the subsample's
 * number alone, so every pair of views and every setting is scored on the same rows and differences are paired. (The
 * reference draws other rows for every pair and setting, which leaves its differences unpaired.)
 */
import { makeRandom } from "../random/RandomStream.ts"

/**
 * `count` sets of row numbers, rising, drawn without replacement from n. Of fewer rows than 5/4 of `size`, 4/5 are drawn:
 * subsamples that hold every row would agree and hide their spread.
 */
export const subsampleRows = (
  seed: string,
  n: number,
  size: number,
  count: number
): ReadonlyArray<Uint32Array> => {
  const drawn = Math.min(size, Math.max(2, Math.floor((4 * n) / 5)), n)
  return Array.from({ length: count }, (_, s) => makeRandom(seed, `subsample/${s}`).sample(n, drawn).sort())
}

/** `count` permutations of n rows, for the null of one subsample (or of `all` rows). */
export const permutationsOf = (
  seed: string,
  subsample: string,
  n: number,
  count: number
): ReadonlyArray<Uint32Array> =>
  Array.from({ length: count }, (_, p) => makeRandom(seed, `permutation/${subsample}/${p}`).permutation(n))
