/**
 * Changes inside of what wraps the bytes: the header of an npy or safetensors file with its length made right, a member of
 * a zip with its checksum made right, a tar archive under its gzip. Most would otherwise be refused at the wrapping.
 */
import { gunzipSync, gzipSync } from "node:zlib"
import { unzipSync, zipSync } from "fflate"
import { mutateBytes } from "./mutateBytes.ts"
import { mutateText } from "./mutateText.ts"
import type { Random } from "./Random.ts"

export type Mutate = (bytes: Uint8Array, random: Random, others: ReadonlyArray<Uint8Array>) => Uint8Array

export const mutateNpy: Mutate = (bytes, random, others) => {
  const length = bytes.length < 10 ? 0 : bytes[8]! + 256 * bytes[9]!
  if (random.chance(0.5) || bytes.length < 10 + length || length === 0)
    return mutateBytes(bytes, random, others)
  const header = Buffer.from(mutateText(latin1(bytes.subarray(10, 10 + length)).trimEnd(), random), "latin1")
  const padded = Buffer.alloc(Math.ceil((header.length + 11) / 64) * 64 - 10, 0x20)
  header.copy(padded)
  padded[padded.length - 1] = 10
  const head = Buffer.from(bytes.subarray(0, 10))
  head.writeUInt16LE(padded.length & 0xffff, 8)
  return Buffer.concat([head, padded, bytes.subarray(10 + length)])
}

export const mutateSafetensors: Mutate = (bytes, random, others) => {
  const length = bytes.length < 8 ? 0 : Number(Buffer.from(bytes).readBigUInt64LE(0))
  if (random.chance(0.4) || length === 0 || 8 + length > bytes.length)
    return mutateBytes(bytes, random, others)
  const header = Buffer.from(mutateText(Buffer.from(bytes.subarray(8, 8 + length)).toString("utf8"), random))
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([head, header, bytes.subarray(8 + length)])
}

export const mutateNpz: Mutate = (bytes, random, others) => {
  if (random.chance(0.3)) return mutateBytes(bytes, random, others)
  const members = Object.entries(unzipSync(bytes))
  const at = random.below(members.length)
  const [name, content] = members[at]!
  const kind = random.below(10)
  const changed =
    kind === 0
      ? members.toSpliced(at, 1)
      : kind === 1
        ? members.with(at, [`${random.pick(["x", "", "../", "data", "keys"])}${name}`, content])
        : members.with(at, [name, Buffer.from(mutateNpy(content, random, [content]))])
  return zipSync(Object.fromEntries(changed), {
    level: random.chance(0.5) ? 0 : 6,
    mtime: new Date(2020, 0, 1)
  })
}

export const mutateTarball: Mutate = (bytes, random, others) =>
  random.chance(0.3)
    ? mutateBytes(bytes, random, others)
    : gzipSync(mutateBytes(gunzipSync(bytes), random), { level: 1 })

/** Bytes of a text, changed as a text or as bytes. */
export const mutateLines: Mutate = (bytes, random, others) =>
  random.chance(0.15)
    ? mutateBytes(bytes, random, others)
    : Buffer.from(mutateText(Buffer.from(bytes).toString("utf8"), random))

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1")
