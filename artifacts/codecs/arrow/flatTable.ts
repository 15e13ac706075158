/**
 * Reads flatbuffers tables, in which Arrow keeps its metadata, from bytes that may be anything.
 *
 * Every vtable, field, vector, text and table is checked to lie inside the bytes before it is looked at, and the number of
 * tables that are followed is bounded by the bytes there are, so that nothing loops and nothing is allocated that the file
 * does not hold. Source: the FlatBuffers internals page (google.github.io/flatbuffers). Cost: O(what is asked for).
 */

/** The bytes do not have the form that they should; its message is a part of a sentence, in our words. */
export class Malformed extends RangeError {}

/** A view of one table; fields are addressed by their number in the schema. An absent field reads as `absent`. */
export interface FlatTable {
  readonly int8: (field: number, absent?: number) => number
  readonly int16: (field: number, absent?: number) => number
  readonly int32: (field: number, absent?: number) => number
  /** A 64-bit number that a float64 holds exactly. */
  readonly int64: (field: number, absent?: number) => number
  readonly text: (field: number) => string
  readonly table: (field: number) => FlatTable | undefined
  readonly tables: (field: number) => ReadonlyArray<FlatTable>
  /** The structs of a vector, one after the other: their bytes and how many there are. */
  readonly structs: (field: number, size: number) => Structs
}

export interface Structs {
  readonly view: DataView
  readonly count: number
}

/** A 64-bit number at a place in a view; throws where a float64 cannot hold it. */
export const int64At = (view: DataView, at: number): number => {
  const high = view.getInt32(at + 4, true)
  const value = high * 2 ** 32 + view.getUint32(at, true)
  if (!Number.isSafeInteger(value)) throw new Malformed("a length or place in it is past 2^53")
  return value
}

export const rootTable = (data: Uint8Array): FlatTable => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  // A table takes four bytes or more, so that more tables than this are tables read twice.
  let left = data.byteLength >> 2

  const within = (at: number, length: number): void => {
    if (!(at >= 0 && length >= 0 && at + length <= data.byteLength))
      throw new Malformed("a part of its metadata lies outside it")
  }
  const reference = (at: number): number => {
    within(at, 4)
    return at + view.getUint32(at, true)
  }

  const tableAt = (at: number): FlatTable => {
    if (left-- <= 0) throw new Malformed("its metadata refers to itself")
    within(at, 4)
    const vtable = at - view.getInt32(at, true)
    within(vtable, 4)
    const vtableLength = view.getUint16(vtable, true)
    const length = view.getUint16(vtable + 2, true)
    if (vtableLength < 4 || length < 4) throw new Malformed("a part of its metadata is too short")
    within(vtable, vtableLength)
    within(at, length)
    /** Where a field is; 0 where it is absent. */
    const place = (field: number, size: number): number => {
      const slot = 4 + 2 * field
      const offset = slot + 2 <= vtableLength ? view.getUint16(vtable + slot, true) : 0
      if (offset === 0) return 0
      if (offset < 4 || offset + size > length) throw new Malformed("a part of its metadata lies outside it")
      return at + offset
    }
    const vector = (field: number, size: number): readonly [start: number, count: number] => {
      const where = place(field, 4)
      if (where === 0) return [0, 0]
      const start = reference(where)
      within(start, 4)
      const count = view.getUint32(start, true)
      within(start + 4, count * size)
      return [start + 4, count]
    }
    const number =
      (size: number, read: (where: number) => number) =>
      (field: number, absent = 0): number => {
        const where = place(field, size)
        return where === 0 ? absent : read(where)
      }
    return {
      int8: number(1, (where) => view.getInt8(where)),
      int16: number(2, (where) => view.getInt16(where, true)),
      int32: number(4, (where) => view.getInt32(where, true)),
      int64: number(8, (where) => int64At(view, where)),
      text: (field) => {
        const [start, count] = vector(field, 1)
        return Buffer.from(data.buffer, data.byteOffset + start, count).toString("utf8")
      },
      table: (field) => {
        const where = place(field, 4)
        return where === 0 ? undefined : tableAt(reference(where))
      },
      tables: (field) => {
        const [start, count] = vector(field, 4)
        if (count > left) throw new Malformed("its metadata refers to itself")
        return Array.from({ length: count }, (_, i) => tableAt(reference(start + 4 * i)))
      },
      structs: (field, size) => {
        const [start, count] = vector(field, size)
        return { view: new DataView(data.buffer, data.byteOffset + start, count * size), count }
      }
    }
  }
  return tableAt(reference(0))
}
