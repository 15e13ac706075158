/** One array of an `.npz` as a matrix: which, and which texts beside it are its keys. */
import { readMatrixBehind } from "./npy.ts"
import type { NpzArchive, NpzEntry } from "./npzArchive.ts"
import { readTextArray } from "./npyTexts.ts"
import type { RawMatrix } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

/** An array of two dimensions with its keys. */
export const denseOf = async (archive: NpzArchive, array: string | undefined): Promise<RawMatrix> => {
  const chosen = choose(archive, array)
  const matrix = await archive.read(chosen.name, readMatrixBehind)
  const { keys, notes } = await keysOf(archive, chosen.name, matrix.rows)
  const unread = archive.entries.flatMap(({ name, fault }) =>
    fault === undefined ? [] : [`'${name}' beside it is not read. ${fault}`]
  )
  return { ...matrix, keys, notes: [...(matrix.notes ?? []), ...notes, ...unread] }
}

const choose = ({ path, entries }: NpzArchive, array: string | undefined): NpzEntry => {
  const numeric = entries.filter(({ kind }) => kind === "numbers")
  const chosen =
    array === undefined
      ? numeric.length === 1
        ? numeric[0]
        : undefined
      : entries.find(({ name }) => name === array)
  if (chosen !== undefined) return chosen
  throw fileError(
    path,
    array === undefined ? manyOrNone(numeric.length) : `The file has no array '${array}'.`,
    entries.length === 0 ? "an array of numbers" : `one of ${entries.map(described).join(", ")}`,
    numeric.length === 0
      ? "save an array of numbers in it"
      : "choose one with --array (in a study: the parameter array)"
  )
}

const manyOrNone = (count: number): string =>
  count === 0 ? "The file holds no array of numbers." : `The file holds ${count} arrays of numbers.`

/** `vectors (100 × 8)`. */
const described = ({ name, header }: NpzEntry): string =>
  header === undefined
    ? name
    : `${name} (${header.shape.length === 0 ? "one value" : header.shape.join(" × ")})`

/** The one array of texts with a text for each row; of several, the one named 'keys'. */
const keysOf = async (
  archive: NpzArchive,
  matrix: string,
  rows: number
): Promise<{ readonly keys: ReadonlyArray<string> | null; readonly notes: ReadonlyArray<string> }> => {
  const lists = archive.entries.filter(({ name, header }) => name !== matrix && header?.shape.length === 1)
  const texts = lists.filter(({ kind }) => kind === "texts")
  const fitting = texts.filter(({ header }) => header!.count === rows)
  const chosen = fitting.length === 1 ? fitting[0] : fitting.find(({ name }) => name === "keys")
  if (chosen !== undefined) return { keys: await archive.read(chosen.name, readTextArray), notes: [] }
  const named = (entries: ReadonlyArray<NpzEntry>) => entries.map(({ name }) => `'${name}'`).join(", ")
  const objects = lists.filter(({ kind, header }) => kind === "other" && header!.count === rows)
  const notes =
    fitting.length > 1
      ? [`The arrays ${named(fitting)} each hold a text for every row: none is taken for keys.`]
      : texts.length > 0
        ? [`The texts in ${named(texts)} are not as many as the ${rows} rows: they are not taken for keys.`]
        : objects.length > 0
          ? [
              `The array ${named(objects)} holds Python objects, which are not read: if they are keys, save them with .astype(str).`
            ]
          : []
  return { keys: null, notes }
}
