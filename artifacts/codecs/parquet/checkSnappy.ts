/**
 * Walks the elements of a snappy block without copying any: whether each lies within the input, refers to output that is
 * there, and all together make `size` bytes. Cost O(elements).
 *
 * Source: Google, "Snappy compressed format description".
 */
export const checkSnappy = (input: Uint8Array, size: number): boolean => {
  let at = 0
  let length = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = input[at++]
    if (byte === undefined || at > 5) return false
    length += (byte & 127) * scale
    if (byte < 128) break
  }
  if (length !== size) return false
  let made = 0
  while (at < input.length) {
    const tag = input[at++]!
    const kind = tag & 3
    if (kind === 0) {
      let literals = (tag >> 2) + 1
      if (literals > 60) {
        const bytes = literals - 60
        literals = 1
        for (let i = 0, scale = 1; i < bytes; i++, scale *= 256) literals += (input[at + i] ?? 0) * scale
        at += bytes
      }
      at += literals
      made += literals
    } else {
      const bytes = kind === 3 ? 4 : kind
      let offset = kind === 1 ? (tag >> 5) * 256 : 0
      for (let i = 0, scale = 1; i < bytes; i++, scale *= 256) offset += (input[at + i] ?? 0) * scale
      at += bytes
      if (offset === 0 || offset > made) return false
      made += kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    }
    if (made > size || at > input.length) return false
  }
  return made === size
}
