/** Values by their place, through dictionaries and runs, as texts or as numbers. Throws `Malformed`. */
import { elementsOf } from "./elements.ts"
import { dictionaryPlaces, isIndirect, runPlaces } from "./indirect.ts"
import { firstNull, type Part } from "./parts.ts"
import { plainTexts } from "./texts.ts"

export interface Lookup {
  readonly length: number
  readonly text: (place: number) => string | null
  /** A number, or a text that goes on "Row 3 of column 'x'" where it is none. */
  readonly number: (place: number) => number | string
}

/** The dictionaries as they are when a batch is read. */
export interface Lookups {
  readonly of: (id: number) => Lookup
}

export const isNull = "is null"

export const lookupOf = (part: Part, lookups: Lookups): Lookup => {
  let texts: ReadonlyArray<string | null> | undefined
  const through = isIndirect(part.type) ? indirect(part, 0, part.length, lookups) : undefined
  return {
    length: part.length,
    text: (place) => (texts ??= textsOf(part, lookups))[place]!,
    number: (place) => {
      if (through === undefined) return firstNull(part, place, 1) < 0 ? elementsOf(part)(place) : isNull
      const index = through.places[place]!
      return index < 0 ? isNull : through.values.number(index)
    }
  }
}

/** Where values `first` to `first + count` are in the dictionary or the values of the runs; -1 for null. */
export const indirect = (
  part: Part,
  first: number,
  count: number,
  lookups: Lookups
): { readonly places: Int32Array; readonly values: Lookup } => {
  if (part.type.type === "dictionary") {
    const values = lookups.of(part.type.id)
    return { places: dictionaryPlaces(part, first, count, values.length), values }
  }
  return { places: runPlaces(part, first, count), values: lookupOf(part.children[1]!, lookups) }
}

/** One text for each value; null where it is null. */
export const textsOf = (part: Part, lookups: Lookups): ReadonlyArray<string | null> => {
  if (!isIndirect(part.type)) return plainTexts(part)
  const { places, values } = indirect(part, 0, part.length, lookups)
  return Array.from(places, (place) => (place < 0 ? null : values.text(place)))
}
