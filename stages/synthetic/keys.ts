/** Keys of synthetic rows: a word and a number of fixed width, so that they sort as they are numbered. */
export const keysOf = (word: string, size: number): ReadonlyArray<string> => {
  const digits = String(size - 1).length
  return Array.from({ length: size }, (_, i) => word + String(i).padStart(digits, "0"))
}
