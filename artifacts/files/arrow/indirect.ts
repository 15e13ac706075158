/**
 * Columns that hold numbers of other values: places in a dictionary, or the ends of runs. Both become one array of places.
 * Throws `Malformed` where a place is not there. Source: "Dictionary-encoded Layout" and "Run-End Encoded Layout" in Arrow's
 * format.
 */
import type { ArrowType } from "../../codecs/arrow/fields.ts"
import { Malformed } from "../../codecs/arrow/flatTable.ts"
import { elementsOf } from "./elements.ts"
import { firstNull, isValid, type Part, validBits } from "./parts.ts"

export const isIndirect = ({ type }: ArrowType): boolean => type === "dictionary" || type === "runEndEncoded"

/** For values `first` to `first + count`: a place below `size` in the dictionary, or -1 where the value is null. */
export const dictionaryPlaces = (part: Part, first: number, count: number, size: number): Int32Array => {
  if (part.type.type !== "dictionary") throw new Error(`${part.type.type} is no dictionary`)
  const element = elementsOf({ ...part, type: part.type.index })
  const bits = validBits(part)
  return Int32Array.from({ length: count }, (_, i) => {
    const at = first + i
    if (!isValid(bits, at)) return -1
    const place = element(at)
    if (typeof place !== "number" || place < 0 || place >= size)
      throw new Malformed(`value ${at} of a batch is at place ${place} of a dictionary of ${size} values`)
    return place
  })
}

/** For values `first` to `first + count`: the run that each is in. */
export const runPlaces = (part: Part, first: number, count: number): Int32Array => {
  const ends = part.children[0]!
  const end = elementsOf(ends)
  if (firstNull(ends, 0, ends.length) >= 0) throw new Malformed("the end of a run is null")
  const places = new Int32Array(count)
  let before = 0
  for (let run = 0; run < ends.length; run++) {
    const until = end(run)
    if (typeof until !== "number" || until <= before) throw new Malformed("the ends of runs do not rise")
    const from = Math.max(before, first)
    const to = Math.min(until, first + count)
    if (to > from) places.fill(run, from - first, to - first)
    before = until
  }
  if (before < part.length)
    throw new Malformed(`the runs of a column end at ${before} where it has ${part.length} values`)
  return places
}
