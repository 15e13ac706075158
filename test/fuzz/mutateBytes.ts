/** Changes to bytes: bits, lengths and counts, pieces cut out, put in, doubled, and spliced from another file. */
import type { Random } from "./Random.ts"

/** Values that lengths and counts go wrong at. */
const edges = [
  0n,
  1n,
  2n,
  7n,
  255n,
  256n,
  65535n,
  65536n,
  (1n << 24n) - 1n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 53n) - 1n,
  (1n << 53n) + 1n,
  (1n << 62n) + 1n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
  (1n << 64n) - 8n
]

type Change = (bytes: Buffer, random: Random, others: ReadonlyArray<Uint8Array>) => Buffer

const copy = (bytes: Uint8Array): Buffer => Buffer.from(bytes)

/** Where headers, footers and directories are, more often than elsewhere. */
const place = (bytes: Buffer, random: Random): number => {
  const edge = Math.min(bytes.length, 128)
  const part = random.below(4)
  if (part === 0) return random.below(edge)
  if (part === 1) return bytes.length - 1 - random.below(Math.min(bytes.length, 512))
  return random.below(bytes.length)
}

const changes: ReadonlyArray<Change> = [
  (bytes, random) => {
    bytes[place(bytes, random)]! ^= 1 << random.below(8)
    return bytes
  },
  (bytes, random) => {
    bytes[place(bytes, random)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
    return bytes
  },
  (bytes, random) => {
    const size = random.pick([1, 2, 4, 8])
    const at = random.chance(0.7) ? place(bytes, random) & ~(size - 1) : place(bytes, random)
    const value = random.chance(0.8)
      ? random.pick(edges)
      : BigInt(Math.max(0, bytes.length + random.below(17) - 8))
    for (let i = 0; i < size && at + i < bytes.length; i++)
      bytes[at + i] = Number((value >> BigInt(8 * i)) & 255n)
    return bytes
  },
  (bytes, random) => {
    const at = place(bytes, random) & ~3
    if (at + 4 > bytes.length) return bytes
    bytes.writeInt32LE((bytes.readInt32LE(at) + random.below(33) - 16) | 0, at)
    return bytes
  },
  (bytes, random) =>
    bytes.subarray(0, random.chance(0.5) ? random.below(bytes.length) : bytes.length - 1 - random.below(16)),
  (bytes, random) =>
    Buffer.concat([bytes, Buffer.alloc(1 + random.below(64), random.chance(0.5) ? 0 : random.below(256))]),
  (bytes, random) => {
    const from = place(bytes, random)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(32))])
  },
  (bytes, random) => {
    const from = random.below(bytes.length)
    const piece = bytes.subarray(from, from + 1 + random.below(64))
    const at = place(bytes, random)
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
  },
  (bytes, random) => {
    const from = random.below(bytes.length)
    const piece = copy(bytes.subarray(from, from + 1 + random.below(32)))
    piece.copy(bytes, place(bytes, random))
    return bytes
  },
  (bytes, random, others) => {
    const other = random.pick(others)
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.length)),
      other.subarray(random.below(other.length))
    ])
  }
]

/** One to four changes; one most often. */
export const mutateBytes = (
  bytes: Uint8Array,
  random: Random,
  others: ReadonlyArray<Uint8Array> = [bytes]
): Buffer => {
  let result = copy(bytes)
  do {
    if (result.length === 0) return result
    result = copy(random.pick(changes)(result, random, others))
  } while (random.chance(0.4))
  return result
}
