/** Reads a SciPy CSR matrix (`.npz`) as sparse rows, without making it dense; a dense array as its entries other than 0. */
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import type { InputError } from "../../schemas/errors.ts"
import type { SparseRows } from "../../schemas/Matrix.ts"
import { readSparseNpz } from "./npz.ts"
import { inputError } from "./readMatrix.ts"
import { readKeys } from "./keys.ts"
import type { ReadOptions } from "./UserMatrix.ts"
import { checkFile, fileError, ownKeys } from "./UserMatrix.ts"

export const readSparse = (
  path: string,
  options: ReadOptions = {}
): Effect.Effect<SparseRows & { readonly keyed: boolean }, InputError> =>
  Effect.tryPromise({
    try: async () => {
      checkFile(resolve(path))
      const { rows, dims, indptr, indices, values, keys } = await readSparseNpz(resolve(path), options)
      if (options.keys !== undefined && keys !== null) throw ownKeys(path, options.keys)
      const given = options.keys === undefined ? keys : readKeys(options.keys)
      if (given !== null && given.length !== rows) {
        throw fileError(
          options.keys ?? path,
          `There are ${given.length} keys for ${rows} rows.`,
          "one key for each row"
        )
      }
      return {
        keys: given ?? Array.from({ length: rows }, (_, i) => String(i)),
        keyed: given !== null,
        dims,
        indptr,
        indices,
        values: narrowed(path, values)
      }
    },
    catch: inputError(path)
  })

/** float32, unless a value would become infinite or 0 by that. */
const narrowed = (path: string, values: Float32Array | Float64Array): Float32Array => {
  if (values instanceof Float32Array) return values
  const narrow = Float32Array.from(values)
  const lost = narrow.findIndex((value, i) => !Number.isFinite(value) || (value === 0 && values[i] !== 0))
  if (lost < 0) return narrow
  throw fileError(
    path,
    `Entry ${lost} is ${values[lost]}, which float32 does not hold.`,
    "values between 1e-45 and 3.4e38 in size",
    "rescale the matrix"
  )
}
