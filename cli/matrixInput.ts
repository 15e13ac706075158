/** The flags by which commands read a user's matrix, and the notes that reading leaves. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flag from "effect/cli/Flag"
import { fileArgument } from "../artifacts/files/fileArgument.ts"
import { type ReadOptions, readMatrix, takes } from "../artifacts/files/readMatrix.ts"
import type { UserMatrix } from "../artifacts/files/UserMatrix.ts"
import { InputError } from "../schemas/errors.ts"
import { write } from "./output.ts"

const text = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

export const keysFlag = (name = "keys", whose = "a file that holds none") =>
  text(name, `a text file with one key a line, for ${whose}`)
export const arrayFlag = (name = "array", whose = "an npz or safetensors file") =>
  text(name, `which array of ${whose}`)
export const columnsFlag = (name = "columns", whose = "a csv, tsv, parquet, arrow or feather file") =>
  text(name, `which columns of ${whose} are coordinates: names with commas between them`)

/** What the flags of one file say. */
export interface Given {
  readonly keys: Option.Option<string>
  readonly array: Option.Option<string>
  readonly columns: Option.Option<string>
}

/** Flags as options of a reader. */
export const readOptions = ({ keys, array, columns }: Given): ReadOptions => ({
  ...(Option.isSome(keys) ? { keys: keys.value } : {}),
  ...(Option.isSome(array) ? { array: array.value } : {}),
  ...(Option.isSome(columns) ? { columns: columns.value.split(",").map((name) => name.trim()) } : {})
})

/** The path that a command was given, and options with the keys that it names: `a.npy:keys.txt`. */
export const inputOf = (
  argument: string,
  options: ReadOptions
): Effect.Effect<{ readonly path: string; readonly options: ReadOptions }, InputError> => {
  const { path, keys } = fileArgument(argument)
  if (keys === undefined) return Effect.succeed({ path, options })
  return options.keys === undefined
    ? Effect.succeed({ path, options: { ...options, keys } })
    : Effect.fail(
        new InputError({
          what: `The keys of ${path} are named twice: ${keys} and ${options.keys}.`,
          where: argument,
          expected: "one file of keys",
          next: "leave out one of them"
        })
      )
}

export const readInput = Effect.fn("cli/readInput")(function* (argument: string, given: ReadOptions) {
  const { path, options } = yield* inputOf(argument, given)
  return yield* readMatrix(path, options)
})

/** Options of one of two files: its own come before those that both share, which go where they say something. */
const pairOptions = (argument: string, own: ReadOptions, shared: ReadOptions, other: string): ReadOptions => {
  const { path, keys } = fileArgument(argument)
  const [here, there] = [takes(path), takes(fileArgument(other).path)]
  // What neither file takes is refused by the first.
  const array = here.array || !there.array ? shared.array : undefined
  const columns = here.columns || !there.columns ? shared.columns : undefined
  return {
    ...(array === undefined ? {} : { array }),
    ...(columns === undefined ? {} : { columns }),
    ...(shared.keys === undefined || own.keys !== undefined || keys !== undefined
      ? {}
      : { keysIfNone: shared.keys }),
    ...own
  }
}

/** Two matrices; `shared.keys` names the keys of those that have none, and is refused where both have their own. */
export const readPair = Effect.fn("cli/readPair")(function* (
  names: readonly [a: string, b: string],
  own: readonly [a: ReadOptions, b: ReadOptions],
  shared: ReadOptions
) {
  const [a, b] = names
  const optionsA = pairOptions(a, own[0], shared, b)
  const optionsB = pairOptions(b, own[1], shared, a)
  const read = [yield* readInput(a, optionsA), yield* readInput(b, optionsB)] as const
  const unused = (matrix: UserMatrix, options: ReadOptions) =>
    options.keysIfNone === undefined || matrix.ownKeys
  const [without, withoutB] = [unused(read[0], optionsA), unused(read[1], optionsB)]
  if (shared.keys !== undefined && without && withoutB) {
    return yield* new InputError({
      what: "Both files have keys already, so --keys names none.",
      where: shared.keys,
      expected: "a file without keys of its own",
      next: "leave out --keys: rows are joined by the keys that the files have"
    })
  }
  const told = (name: string, matrix: UserMatrix, options: ReadOptions): ReadonlyArray<string> => [
    ...matrix.notes.map((note) => `${name}: ${note}`),
    ...(matrix.ownKeys && options.keysIfNone !== undefined
      ? [`${name}: The file has keys of its own; ${options.keysIfNone} is not used for it.`]
      : [])
  ]
  return {
    a: read[0],
    b: read[1],
    notes: [...new Set([...told(a, read[0], optionsA), ...told(b, read[1], optionsB)])]
  }
})

/** Notes go to standard error, so that what is printed of the result stays as it is. */
export const tell = (notes: ReadonlyArray<string>): Effect.Effect<void> =>
  notes.length === 0 ? Effect.void : write(process.stderr, notes.map((note) => `note: ${note}\n`).join(""))
