/** Named tensors with string metadata, as safetensors. */
import * as fs from "node:fs/promises"
import * as Effect from "effect/Effect"
import type { TensorsReader, TensorsValue } from "../../schemas/Kind.ts"
import { corrupt, mismatch, unreadable, writeFailure } from "../failures.ts"
import type { Codec } from "./Codec.ts"
import { readAll } from "./arrow/regions.ts"
import { layOut, maxHeader, parseHeader, tensorsOf } from "./safetensors.ts"
import { codecVersions } from "./versions.ts"

export const tensorsCodec: Codec = {
  format: "tensors",
  version: codecVersions.tensors,
  extension: () => "safetensors",
  encode: (kind, value, sink) =>
    Effect.try({
      try: () => {
        const { tensors } = value as TensorsValue
        for (const part of layOut(value as TensorsValue)) sink.write(part)
        return { rows: null, dims: null, layout: { tensors: String(Object.keys(tensors).length) } }
      },
      catch: (error) =>
        error instanceof TypeError
          ? mismatch(kind.name, `${kind.name} cannot be written: ${error.message}.`)
          : writeFailure(kind.name)(error)
    }),
  open: (_kind, path) =>
    Effect.succeed({
      read: Effect.tryPromise({
        try: () => readTensors(path),
        catch: (error) =>
          error instanceof RangeError ? corrupt(path, error.message) : unreadable(path)(error)
      })
    } satisfies TensorsReader)
}

/** Reads a whole safetensors file. Throws a RangeError with the fault, or a system error. */
export const readTensors = async (path: string): Promise<Required<TensorsValue>> => {
  const file = await fs.open(path, "r")
  try {
    const size = (await file.stat()).size
    if (size < 10) throw new RangeError("it is too short for safetensors")
    const prefix = new Uint8Array(8)
    await readAll(file, [{ region: { offset: 0, length: 8 }, into: prefix }])
    const length = Number(new DataView(prefix.buffer).getBigUint64(0, true))
    if (length < 2 || length > maxHeader || 8 + length > size)
      throw new RangeError(`the header length ${length} does not fit the file`)
    const head = new Uint8Array(length)
    const data = new Uint8Array(new ArrayBuffer(size - 8 - length))
    await readAll(file, [
      { region: { offset: 8, length }, into: head },
      { region: { offset: 8 + length, length: data.byteLength }, into: data }
    ])
    return tensorsOf(parseHeader(Buffer.from(head.buffer).toString("utf8"), data.byteLength), data)
  } finally {
    await file.close()
  }
}
