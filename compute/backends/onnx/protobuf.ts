/**
 * The few pieces of the protobuf wire format that an ONNX model needs: varints, 32-bit floats and length-delimited
 * fields. Source: the protobuf encoding guide; field numbers are in `model.ts`.
 */

const text = new TextEncoder()

export const joined = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Base-128, least significant group first; negative numbers as 64-bit two's complement. */
export const varint = (value: number | bigint): Uint8Array => {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: Array<number> = []
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

const tag = (field: number, wireType: number): Uint8Array => varint((field << 3) | wireType)

export const integerField = (field: number, value: number | bigint): Uint8Array =>
  joined([tag(field, 0), varint(value)])

export const bytesField = (field: number, bytes: Uint8Array): Uint8Array =>
  joined([tag(field, 2), varint(bytes.length), bytes])

export const textField = (field: number, value: string): Uint8Array => bytesField(field, text.encode(value))

export const messageField = (field: number, parts: ReadonlyArray<Uint8Array>): Uint8Array =>
  bytesField(field, joined(parts))
