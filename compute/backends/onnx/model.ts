/**
 * Writes an ONNX model: nodes, initialisers, inputs and outputs of one graph. Field numbers are those of
 * onnx/onnx.proto (IR version 9, operator set 18); `test/compute/backends/model.test.ts` reads a model back.
 */
import type { DType, Shape } from "../../program/Tensor.ts"
import { bytesField, integerField, joined, messageField, textField } from "./protobuf.ts"

/** TensorProto.DataType */
const dataTypes = { float: 1, int: 6, int64: 7, bool: 9 } as const
export type ElementType = DType | "int64"

/** AttributeProto: a whole number, whole numbers, or text. */
export type Attribute = number | ReadonlyArray<number> | string

const attribute = (name: string, value: Attribute): Uint8Array => {
  const parts = [textField(1, name)]
  if (typeof value === "number") parts.push(integerField(3, value), integerField(20, 2))
  else if (typeof value === "string") {
    parts.push(bytesField(4, new TextEncoder().encode(value)), integerField(20, 3))
  } else parts.push(...value.map((entry) => integerField(8, entry)), integerField(20, 7))
  return messageField(5, parts)
}

/** ValueInfoProto: name, element type and dimensions. */
const valueInfo = (field: number, name: string, shape: Shape, type: ElementType): Uint8Array => {
  const dimensions = shape.map((size) => messageField(1, [integerField(1, size)]))
  const tensorType = messageField(1, [integerField(1, dataTypes[type]), messageField(2, dimensions)])
  return messageField(field, [textField(1, name), messageField(2, [tensorType])])
}

export const elementType = (type: ElementType): number => dataTypes[type]

/** A graph under construction. Names are the caller's; constants are named here. */
export class ModelBuilder {
  private readonly nodes: Array<Uint8Array> = []
  private readonly initialisers: Array<Uint8Array> = []
  private readonly infos: Array<Uint8Array> = []
  private readonly constants = new Map<string, string>()
  private count = 0

  fresh(): string {
    this.count += 1
    return `t${this.count}`
  }

  input(name: string, shape: Shape, type: ElementType): void {
    this.infos.push(valueInfo(11, name, shape, type))
  }

  output(name: string, shape: Shape, type: ElementType): void {
    this.infos.push(valueInfo(12, name, shape, type))
  }

  /** Adds a node and returns its outputs' names. */
  multiNode(
    type: string,
    inputs: ReadonlyArray<string>,
    outputs: ReadonlyArray<string>,
    attributes: { readonly [name: string]: Attribute } = {}
  ): void {
    this.nodes.push(
      messageField(1, [
        ...inputs.map((name) => textField(1, name)),
        ...outputs.map((name) => textField(2, name)),
        textField(4, type),
        ...Object.entries(attributes).map(([name, value]) => attribute(name, value))
      ])
    )
  }

  /** Adds a node with one output and returns its name. */
  node(
    type: string,
    inputs: ReadonlyArray<string>,
    attributes: { readonly [name: string]: Attribute } = {},
    output = this.fresh()
  ): string {
    this.multiNode(type, inputs, [output], attributes)
    return output
  }

  /** A constant tensor. Equal small constants are stored once. */
  constant(entries: ArrayLike<number>, shape: Shape, type: ElementType): string {
    const key = entries.length <= 16 ? `${type}[${shape.join()}]${Array.from(entries).join()}` : undefined
    const known = key === undefined ? undefined : this.constants.get(key)
    if (known !== undefined) return known
    const name = this.fresh()
    this.initialisers.push(
      messageField(5, [
        ...shape.map((size) => integerField(1, size)),
        integerField(2, dataTypes[type]),
        textField(8, name),
        bytesField(9, rawData(entries, type))
      ])
    )
    if (key !== undefined) this.constants.set(key, name)
    return name
  }

  integers(...values: ReadonlyArray<number>): string {
    return this.constant(values, [values.length], "int64")
  }

  /** The model's bytes. */
  build(name: string): Uint8Array {
    const graph = [...this.nodes, textField(2, name), ...this.initialisers, ...this.infos]
    return joined([
      integerField(1, 9),
      textField(2, "asterism"),
      messageField(7, graph),
      messageField(8, [textField(1, ""), integerField(2, 18)])
    ])
  }
}

/** Little-endian bytes of a constant. */
const rawData = (entries: ArrayLike<number>, type: ElementType): Uint8Array => {
  switch (type) {
    case "float":
      return new Uint8Array(Float32Array.from(entries).buffer)
    case "int":
      return new Uint8Array(Int32Array.from(entries).buffer)
    case "int64":
      return new Uint8Array(BigInt64Array.from(Array.from(entries), BigInt).buffer)
    case "bool":
      return Uint8Array.from(entries)
  }
}
