/** Reads a SciPy CSR matrix (`.npz`) as sparse rows, without making it dense. */
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import type { InputError } from "../../schemas/errors.ts"
import type { SparseRows } from "../../schemas/Matrix.ts"
import { readSparseNpz } from "./npz.ts"
import { inputError } from "./readMatrix.ts"
import { readKeys } from "./keys.ts"
import { checkFile, fileError } from "./UserMatrix.ts"

export const readSparse = (
  path: string,
  options: { readonly keys?: string } = {}
): Effect.Effect<SparseRows & { readonly keyed: boolean }, InputError> =>
  Effect.tryPromise({
    try: async () => {
      checkFile(resolve(path))
      const { rows, ...matrix } = await readSparseNpz(resolve(path))
      const given = options.keys === undefined ? undefined : readKeys(options.keys)
      if (given !== undefined && given.length !== rows) {
        throw fileError(
          options.keys!,
          `There are ${given.length} keys for ${rows} rows.`,
          "one key for each row"
        )
      }
      return {
        ...matrix,
        keys: given ?? Array.from({ length: rows }, (_, i) => String(i)),
        keyed: given !== undefined
      }
    },
    catch: inputError(path)
  })
