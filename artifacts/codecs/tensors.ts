/** Named tensors with string metadata, as safetensors. */
import * as fs from "node:fs/promises"
import * as Effect from "effect/Effect"
import type { TensorsReader, TensorsValue } from "../../schemas/Kind.ts"
import type { Tensor } from "../../schemas/Matrix.ts"
import { mismatch, undecodable, writeFailure } from "../failures.ts"
import type { Codec } from "./Codec.ts"
import { placeOf, readAll, type Task } from "./arrow/regions.ts"
import { emptyTensor, headerLength, layOut, parseHeader } from "./safetensors.ts"
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
        catch: undecodable(path)
      })
    } satisfies TensorsReader)
}

/** Reads a whole safetensors file. Throws a RangeError with the fault, or a system error. */
export const readTensors = async (path: string): Promise<Required<TensorsValue>> => {
  const file = await fs.open(path, "r")
  try {
    const size = (await file.stat()).size
    const prefix = new Uint8Array(Math.min(8, size))
    await readAll(file, [{ region: { offset: 0, length: prefix.length }, into: placeOf(prefix) }])
    const length = headerLength(prefix, size)
    const head = new Uint8Array(length)
    await readAll(file, [{ region: { offset: 8, length }, into: placeOf(head) }])
    const header = parseHeader(head, size - 8 - length)
    const tensors: Array<readonly [string, Tensor]> = []
    const tasks: Array<Task> = []
    for (const entry of header.entries) {
      const tensor = emptyTensor(entry)
      tensors.push([entry.name, tensor])
      const region = { offset: 8 + length + entry.start, length: entry.end - entry.start }
      tasks.push({ region, into: placeOf(tensor.data) })
    }
    await readAll(file, tasks)
    return { tensors: Object.fromEntries(tensors), metadata: header.metadata }
  } finally {
    await file.close()
  }
}
