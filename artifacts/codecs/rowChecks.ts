/** What every codec of keyed rows refuses, in words that name the row and its key. Rows count from 0. */
import { InputError } from "../../schemas/errors.ts"

/** Keys seen so far in a matrix that is written in blocks. */
export class KeyChecks {
  readonly #seen = new Map<string, number>()
  readonly #where: string
  constructor(where: string) {
    this.#where = where
  }

  get rows(): number {
    return this.#seen.size
  }

  /** Throws an InputError for a key that was there before, or that is not well-formed Unicode. */
  add(keys: ReadonlyArray<string>): void {
    for (const key of keys) {
      const row = this.#seen.size
      if (typeof key !== "string" || !key.isWellFormed())
        throw new InputError({
          what: `Row ${row} has a key that is not text.`,
          where: this.#where,
          expected: "well-formed Unicode text",
          next: "repair the key"
        })
      this.#seen.set(key, this.#seen.get(key) ?? row)
      if (this.#seen.size === row)
        throw new InputError({
          what: `Rows ${this.#seen.get(key)} and ${row} have the same key ${quoted(key)}.`,
          where: this.#where,
          expected: "one row for each key",
          next: "drop or merge the duplicate rows"
        })
    }
  }
}

/** Index of the first value that is NaN or infinite; -1 where all are finite. */
export const firstNonFinite = (values: Float32Array | Float64Array): number => {
  const step = 4096
  for (let start = 0; start < values.length; start += step) {
    const end = Math.min(values.length, start + step)
    // x - x is 0 for a finite x and NaN otherwise, so the sum tells of the whole stretch.
    let sum = 0
    for (let i = start; i < end; i++) sum += values[i] - values[i]
    if (sum !== 0) for (let i = start; i < end; i++) if (!Number.isFinite(values[i])) return i
  }
  return -1
}

export const nonFinite = (
  where: string,
  row: number,
  key: string,
  value: number,
  column: number
): InputError =>
  new InputError({
    what: `Row ${row} (key ${quoted(key)}) holds ${Number.isNaN(value) ? "NaN" : value} in column ${column}.`,
    where,
    expected: "finite numbers",
    next: "drop the row or repair its values"
  })

export const quoted = (key: string): string =>
  JSON.stringify(key.length > 60 ? `${key.slice(0, 57)}...` : key)
