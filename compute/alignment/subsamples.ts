/**
 * The rows and permutations that scores are taken on: the same for every pair of views and every setting, so that
 * differences are paired. (The reference draws other rows for every pair and setting, which leaves them unpaired.)
 *
 * Subsamples come in pairs without a common row: of an order of all rows that is the pair's own, given by a hash of seed, key
 * and the pair's number, one holds the first rows and the other those that follow. Two such values are independent draws of
 * the corpus, which is what an interval for populations is made of (compute/statistics/subsampling.ts). So two studies whose common rows differ by a few keys still score nearly the same rows, and equal
 * sets of keys give the same rows in whatever order they come. Cost: one SHA-256 a key, O(count/2 · n log n) to sort.
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

/** How many rows a subsample of `size` gets out of n: no more than half of them, for two have none in common. */
export const drawnRows = (n: number, size: number): number => Math.min(size, Math.floor(n / 2))

/** `count` sets of row numbers, rising, without repeats; sets 2p and 2p + 1 have no row in common. */
export const subsampleRows = (
  seed: string,
  keys: ReadonlyArray<string>,
  size: number,
  count: number
): ReadonlyArray<Uint32Array> => {
  const n = keys.length
  const drawn = drawnRows(n, size)
  const digests = keys.map((key) => createHash("sha256").update(`${seed.length}:${seed}:${key}`).digest())
  const high = Uint32Array.from(digests, (digest) => digest.readUInt32LE(0))
  const low = Uint32Array.from(digests, (digest) => digest.readUInt32LE(4))
  const orders = Array.from({ length: Math.ceil(count / 2) }, (_, pair) => {
    const salt = mixed(pair + 1)
    // 52 bits: exact in a double, and a tie is as good as impossible.
    const rank = Float64Array.from(
      high,
      (bits, i) => mixed(bits ^ salt) * 2 ** 20 + (mixed(low[i]! ^ salt) >>> 12)
    )
    return Uint32Array.from(keys.keys()).sort((a, b) => rank[a]! - rank[b]! || a - b)
  })
  return Array.from({ length: count }, (_, s) => {
    const from = (s % 2) * drawn
    return orders[s >> 1]!.slice(from, from + drawn).sort()
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
