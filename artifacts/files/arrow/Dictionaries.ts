/**
 * The dictionaries of an Arrow file or stream as they are when a batch is read. A stream may put another one in a
 * dictionary's place or add to it (a delta); a file may only add. Throws `Malformed`.
 */
import type { ArrowField, ArrowType } from "../../codecs/arrow/fields.ts"
import { Malformed } from "../../codecs/arrow/flatTable.ts"
import type { DictionaryBatch } from "../../codecs/arrow/messages.ts"
import type { Unpack } from "./BatchBuffer.ts"
import { isNull, type Lookup, lookupOf, type Lookups } from "./lookup.ts"
import { partsOf } from "./parts.ts"
import type { ArrowSource } from "./source.ts"

export class Dictionaries implements Lookups {
  readonly #source: ArrowSource
  readonly #unpack: Unpack
  readonly #types = new Map<number, ArrowType>()
  readonly #pieces = new Map<number, ReadonlyArray<Lookup>>()
  readonly #joined = new Map<number, Lookup>()

  constructor(source: ArrowSource, unpack: Unpack) {
    this.#source = source
    this.#unpack = unpack
    for (const field of source.fields) this.#collect(field.name, field.type)
  }

  #collect(column: string, type: ArrowType): void {
    if (type.type === "dictionary") {
      const other = this.#types.get(type.id)
      if (other !== undefined && JSON.stringify(other) !== JSON.stringify(type.values))
        throw new Malformed(`the dictionary of column '${column}' has values of two types`)
      this.#types.set(type.id, type.values)
      this.#collect(column, type.values)
    } else if ("child" in type) this.#collect(column, type.child.type)
    else if ("children" in type) for (const child of type.children) this.#collect(column, child.type)
    else if (type.type === "runEndEncoded") this.#collect(column, type.values.type)
  }

  /** Takes a batch in; its values are read when they are looked up. */
  add({ id, delta, batch }: DictionaryBatch): void {
    const type = this.#types.get(id)
    if (type === undefined) throw new Malformed(`it has a dictionary ${id} that no column uses`)
    const before = this.#pieces.get(id)
    if (before !== undefined && !delta && !this.#source.isStream)
      throw new Malformed(`its dictionary ${id} is there twice`)
    const field: ArrowField = { name: `dictionary ${id}`, nullable: true, type }
    const [part] = partsOf(this.#source, batch, [field], this.#unpack)
    const piece = lookupOf(part!, this)
    const pieces = delta ? [...(before ?? []), piece] : [piece]
    this.#pieces.set(id, pieces)
    this.#joined.set(id, pieces.length === 1 ? piece : joined(pieces))
  }

  of(id: number): Lookup {
    return this.#joined.get(id) ?? nothing
  }
}

const nothing: Lookup = { length: 0, text: () => null, number: () => isNull }

/** Pieces one behind the other. Cost of a look-up: O(log pieces). */
const joined = (pieces: ReadonlyArray<Lookup>): Lookup => {
  const starts = [0]
  for (const piece of pieces) starts.push(starts.at(-1)! + piece.length)
  const within = <A>(place: number, use: (piece: Lookup, place: number) => A): A => {
    let low = 0
    let high = pieces.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= place) low = middle
      else high = middle
    }
    return use(pieces[low]!, place - starts[low]!)
  }
  return {
    length: starts.at(-1)!,
    text: (place) => within(place, (piece, at) => piece.text(at)),
    number: (place) => within(place, (piece, at) => piece.number(at))
  }
}
