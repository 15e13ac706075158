/** Values at run time: plain typed arrays that the engine reads in place. */
import type { Handle, HostTensor } from "../../Engine.ts"
import { floats, integers } from "../../Engine.ts"
import type { DType, Shape } from "../../program/Tensor.ts"

/** Entries of a value: float32, int32, or one byte for a bool. */
export type Entries = Float32Array | Int32Array | Uint8Array

export interface Held extends Handle {
  data: Entries
}

export const entriesOf = (data: HostTensor["data"], dtype: DType): Entries =>
  dtype === "float"
    ? floats(data)
    : dtype === "int"
      ? integers(data)
      : Uint8Array.from(data, (x) => Number(x !== 0))

/** What leaves the backend: bools as 0 and 1. */
export const hostOf = (shape: Shape, data: Entries): HostTensor => ({
  shape,
  data: data instanceof Uint8Array ? Int32Array.from(data) : data
})

export const tensorTypes = { float: "float32", int: "int32", bool: "bool" } as const
