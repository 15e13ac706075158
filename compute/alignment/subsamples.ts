/**
 * The rows and permutations that scores are taken on: the same for every pair of views and every setting, so that
 * differences are paired. (The reference draws other rows for every pair and setting, which leaves them unpaired.)
 *
 * A subsample holds the rows whose keys come first in an order of its own, given by a hash of seed, key and the
 * subsample's number. So two studies whose common rows differ by a few keys still score nearly the same rows, and equal
 * sets of keys give the same rows in whatever order they come. Cost: one SHA-256 a key, O(count · n log n) to sort.
 */
import { createHash } from "node:crypto"
import { makeRandom } from "../random/RandomStream.ts"

/** Thirty-two well-mixed bits of thirty-two (the finaliser of MurmurHash3). */
const mixed = (bits: number): number => {
  let x = bits
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/**
 * `count` sets of row numbers, rising, drawn without replacement. Of fewer rows than 5/4 of `size`, 4/5 are drawn:
 * subsamples that hold every row would agree and hide their spread.
 */
export const subsampleRows = (
  seed: string,
  keys: ReadonlyArray<string>,
  size: number,
  count: number
): ReadonlyArray<Uint32Array> => {
  const n = keys.length
  const drawn = Math.min(size, Math.max(2, Math.floor((4 * n) / 5)), n)
  const digests = keys.map((key) => createHash("sha256").update(`${seed.length}:${seed}:${key}`).digest())
  const high = Uint32Array.from(digests, (digest) => digest.readUInt32LE(0))
  const low = Uint32Array.from(digests, (digest) => digest.readUInt32LE(4))
  return Array.from({ length: count }, (_, s) => {
    const salt = mixed(s + 1)
    // 52 bits: exact in a double, and a tie is as good as impossible.
    const rank = Float64Array.from(
      high,
      (bits, i) => mixed(bits ^ salt) * 2 ** 20 + (mixed(low[i]! ^ salt) >>> 12)
    )
    return Uint32Array.from(keys.keys())
      .sort((a, b) => rank[a]! - rank[b]! || a - b)
      .slice(0, drawn)
      .sort()
  })
}

/** `count` permutations of n rows, for the null of one subsample (or of `all` rows). */
export const permutationsOf = (
  seed: string,
  subsample: string,
  n: number,
  count: number
): ReadonlyArray<Uint32Array> =>
  Array.from({ length: count }, (_, p) => makeRandom(seed, `permutation/${subsample}/${p}`).permutation(n))
