import { expect, it } from "@effect/vitest"
import { xxh32 } from "../../../artifacts/files/xxh32.ts"

it("XXH32 with seed 0 of texts whose checksums are published", () => {
  // The first of xxHash's own test vectors; the others from the documentation of python-xxhash and of the `xxh32sum` command.
  for (const [text, checksum] of [
    ["", 0x02cc5d05],
    ["a", 0x550d7456],
    ["abc", 0x32d153ff],
    ["Nobody inspects the spammish repetition", 0xe2293b2f]
  ] as const)
    expect(xxh32(Buffer.from(text))).toBe(checksum)
})
