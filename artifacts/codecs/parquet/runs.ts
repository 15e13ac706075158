/**
 * Parquet's hybrid of run-length and bit-packed encoding, for levels, dictionary indices and booleans: exactly `count` whole
 * numbers from the bytes there are. A run that is longer than what is left is cut. Cost O(count).
 *
 * Source: Apache Parquet format 2.11, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
 */
import { ParquetFault } from "./ParquetFault.ts"

/** Fills `output` with numbers of `width` bits (at most 32) from bytes `at` to `end`; `what` names them in faults. */
export const readRuns = (
  bytes: Uint8Array,
  at: number,
  end: number,
  width: number,
  output: Uint8Array | Uint32Array,
  what: string
): void => {
  const count = output.length
  const short = () => new ParquetFault(`${what} end after ${done} of ${count}`)
  const valueBytes = (width + 7) >> 3
  let done = 0
  while (done < count) {
    let header = 0
    for (let scale = 1; ; scale *= 128) {
      if (at >= end || scale > 2 ** 35) throw short()
      const byte = bytes[at++]!
      header += (byte & 127) * scale
      if (byte < 128) break
    }
    if (header % 2 === 0) {
      if (at + valueBytes > end) throw short()
      let value = 0
      for (let i = 0, scale = 1; i < valueBytes; i++, scale *= 256) value += bytes[at++]! * scale
      if (value >= 2 ** width)
        throw new ParquetFault(`${what} hold ${value}, which has more than ${width} bits`)
      const stop = Math.min(count, done + header / 2)
      output.fill(value, done, stop)
      done = stop
    } else {
      const groups = (header - 1) / 2
      const packed = Math.min(groups * 8, count - done)
      if (at + Math.ceil((packed * width) / 8) > end) throw short()
      unpack(bytes, at, width, output, done, packed)
      at += groups * width
      done += packed
    }
  }
}

/** `count` numbers of `width` bits, the lowest first, to `output` from `to`. The caller has checked the bytes. */
const unpack = (
  bytes: Uint8Array,
  at: number,
  width: number,
  output: Uint8Array | Uint32Array,
  to: number,
  count: number
): void => {
  let held = 0
  let bits = 0
  if (width <= 24) {
    const mask = 2 ** width - 1
    for (let i = 0; i < count; i++) {
      while (bits < width) {
        held |= bytes[at++]! << bits
        bits += 8
      }
      output[to + i] = held & mask
      held >>>= width
      bits -= width
    }
    return
  }
  // Up to 39 bits are held: whole numbers of a double are exact.
  const size = 2 ** width
  for (let i = 0; i < count; i++) {
    while (bits < width) {
      held += bytes[at++]! * 2 ** bits
      bits += 8
    }
    output[to + i] = held % size
    held = Math.floor(held / size)
    bits -= width
  }
}
