/** A matrix in NumPy's `.npz`: one of its arrays, or SciPy's sparse rows made dense; texts beside it are its keys. */
import { npyParts } from "./npy.ts"
import { withNpz } from "./npzArchive.ts"
import { denseOf } from "./npzDense.ts"
import { textParts } from "./npyTexts.ts"
import { densified, isSparse, sparseOf } from "./sparseNpz.ts"
import type { RawMatrix, ReadOptions } from "./UserMatrix.ts"
import { writeZip } from "./zip/writeZip.ts"

export { readSparseNpz } from "./sparseNpz.ts"

/** The chosen array, or the only one of numbers; a sparse matrix is made dense (use `readSparseNpz` for large ones). */
export const readNpz = (path: string, { array }: ReadOptions): Promise<RawMatrix> =>
  withNpz(path, async (archive) =>
    array === undefined && isSparse(archive)
      ? densified(path, await sparseOf(archive))
      : denseOf(archive, array)
  )

/** Writes one array, named `values`, and the keys as a text array, named `keys`. Memory: one piece of 256 MiB at most. */
export const writeNpz = (
  path: string,
  keys: ReadonlyArray<string>,
  shape: ReadonlyArray<number>,
  data: Float32Array | Float64Array
): void => {
  const parts = () => npyParts(shape, data)
  const [head] = parts()
  writeZip(path, [
    { name: "values.npy", size: head!.byteLength + data.byteLength, parts },
    { name: "keys.npy", ...textParts(path, keys) }
  ])
}
