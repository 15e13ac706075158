/**
 * Named arrays and one text in an `.npz` that numpy reads: `np.load(path)["name"]`, the text as `str(np.load(path)["text"][0])`
 * under the name it was given. Equal contents give equal bytes.
 */
import { npyHead, npyParts, readArray, type NpyArray } from "./npy.ts"
import { withNpz } from "./npzArchive.ts"
import { readTextArray, textParts } from "./npyTexts.ts"
import { checkFile, fileError } from "./fileError.ts"
import { writeZip, type StoredMember } from "./zip/writeZip.ts"

/** Whole numbers are stored as uint32, others as float64. */
export interface NamedArray {
  readonly shape: ReadonlyArray<number>
  readonly data: Float64Array | Uint32Array
}

export interface NamedArrays {
  readonly text: { readonly name: string; readonly value: string }
  readonly arrays: { readonly [name: string]: NamedArray }
}

export const writeArrays = (path: string, { arrays, text }: NamedArrays): void => {
  const member = ([name, { data, shape }]: [string, NamedArray]): StoredMember => {
    const parts = () =>
      data instanceof Float64Array
        ? npyParts(shape, data)
        : [npyHead("<u4", shape), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
    const [head] = parts()
    return { name: `${name}.npy`, size: head!.byteLength + data.byteLength, parts }
  }
  writeZip(path, [
    { name: `${text.name}.npy`, ...textParts(path, [text.value]) },
    ...Object.entries(arrays).map(member)
  ])
}

/** The text named `text` and every array of numbers. Throws an InputError where the file is no such npz. */
export const readArrays = async (
  path: string,
  text: string,
  expected: string
): Promise<{ readonly text: string; readonly arrays: ReadonlyMap<string, NpyArray> }> => {
  checkFile(path)
  return await withNpz(path, async ({ entries, read }) => {
    const named = entries.find(({ kind, name }) => name === text && kind === "texts")
    if (named?.header?.count !== 1) throw fileError(path, `The file has no text named '${text}'.`, expected)
    const arrays = new Map<string, NpyArray>()
    for (const { kind, name } of entries) {
      if (kind === "numbers") arrays.set(name, await read(name, readArray))
    }
    return { text: (await read(text, readTextArray))[0]!, arrays }
  })
}
