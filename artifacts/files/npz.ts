/** NumPy's `.npz`: a zip of npy files; and SciPy's sparse matrices in it (`scipy.sparse.save_npz`, CSR or CSC). */
import { writeFileSync } from "node:fs"
import type { SparseRows } from "../../schemas/Matrix.ts"
import { startsFault } from "../../schemas/sparseFault.ts"
import type { NpyArray } from "./npy.ts"
import { asMatrix, npyParts, parseNpy, parseTextNpy, readWhole } from "./npy.ts"
import type { RawMatrix, ReadOptions } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

/** The arrays by name. Texts (SciPy's `format`) come as their bytes. */
const unzip = async (path: string): Promise<{ readonly [name: string]: Uint8Array }> => {
  const { unzipSync } = await import("fflate")
  try {
    const entries = unzipSync(readWhole(path))
    return Object.fromEntries(
      Object.entries(entries).map(([name, bytes]) => [name.replace(/\.npy$/, ""), bytes])
    )
  } catch (error) {
    throw fileError(
      path,
      `This is not an npz file: ${error instanceof Error ? error.message : String(error)}.`,
      "a zip written by numpy.savez or scipy.sparse.save_npz",
      "check that the file was copied whole"
    )
  }
}

const isSparse = (entries: { readonly [name: string]: Uint8Array }): boolean =>
  ["data", "indices", "indptr", "shape"].every((name) => Object.hasOwn(entries, name))

const array = (entries: { readonly [name: string]: Uint8Array }, name: string, path: string): NpyArray =>
  parseNpy(entries[name]!, `${path} → ${name}`)

/** A dense array of the file; a sparse one is made dense (use `readSparseNpz` for large ones). */
export const readNpz = async (path: string, { array: name }: ReadOptions): Promise<RawMatrix> => {
  const entries = await unzip(path)
  if (name === undefined && isSparse(entries)) return densified(sparseOf(entries, path))
  const names = Object.keys(entries)
  const texts = textArrays(entries)
  const numeric = names.filter((name) => !texts.has(name))
  const chosen = name ?? (numeric.length === 1 ? numeric[0] : undefined)
  if (chosen === undefined || !Object.hasOwn(entries, chosen)) {
    throw fileError(
      path,
      name === undefined
        ? `The file holds ${numeric.length} arrays of numbers.`
        : `The file has no array '${name}'.`,
      `one of ${names.join(", ")}`,
      "choose one with --array"
    )
  }
  const matrix = asMatrix(array(entries, chosen, path), `${path} → ${chosen}`)
  // One array of texts, as long as the matrix, beside it: its keys.
  const fitting = [...texts.values()].filter((keys) => keys.length === matrix.rows)
  return fitting.length === 1 ? { ...matrix, keys: fitting[0]! } : matrix
}

/** One-dimensional arrays of texts (`<U12`, `|S12`). */
const textArrays = (entries: {
  readonly [name: string]: Uint8Array
}): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(
    Object.entries(entries).flatMap(([name, bytes]) => {
      const texts = parseTextNpy(bytes)
      return texts === undefined ? [] : [[name, texts] as const]
    })
  )

export const readSparseNpz = async (
  path: string
): Promise<Omit<SparseRows, "keys"> & { readonly rows: number }> => {
  const entries = await unzip(path)
  if (!isSparse(entries)) {
    throw fileError(
      path,
      `The file holds ${Object.keys(entries).join(", ")}, not a sparse matrix.`,
      "data, indices, indptr and shape, as scipy.sparse.save_npz writes them"
    )
  }
  return sparseOf(entries, path)
}

/** numpy stores a text as UTF-32 or as bytes; its letters are what is left without zeros. */
const formatOf = (entries: { readonly [name: string]: Uint8Array }): string => {
  const text = new TextDecoder("latin1").decode(entries.format ?? new Uint8Array())
  return /(csr|csc|bsr|coo|dia)/.exec(text.slice(text.indexOf("\n")).replaceAll("\0", ""))?.[1] ?? "csr"
}

const sparseOf = (
  entries: { readonly [name: string]: Uint8Array },
  path: string
): Omit<SparseRows, "keys"> & { readonly rows: number } => {
  const format = formatOf(entries)
  if (format !== "csr") {
    throw fileError(
      path,
      `The sparse matrix is stored as ${format}.`,
      "compressed sparse rows",
      "convert it with matrix.tocsr() and scipy.sparse.save_npz"
    )
  }
  const [rows, dims] = array(entries, "shape", path).data as unknown as [number, number]
  const indptr = Float64Array.from(array(entries, "indptr", path).data)
  const columns = array(entries, "indices", path).data
  const indices = Uint32Array.from(columns)
  const values = Float32Array.from(array(entries, "data", path).data)
  const stored = indptr.at(-1)
  if (indptr.length !== rows + 1 || stored !== indices.length || stored !== values.length) {
    throw fileError(
      path,
      `The parts of the sparse matrix do not fit: ${indptr.length} row starts, ${indices.length} indices, ${values.length} values for ${rows} rows.`,
      "a matrix written by scipy.sparse.save_npz"
    )
  }
  const fault = startsFault(rows, indptr, indices.length) ?? columnFault(columns, dims)
  if (fault !== undefined) throw fileError(path, fault, "a matrix written by scipy.sparse.save_npz")
  return sortRows({ rows, dims, indptr, indices, values }, path)
}

/** Columns before they become unsigned 32-bit numbers, which a negative or broken one would not survive. */
const columnFault = (columns: ArrayLike<number>, dims: number): string | undefined => {
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at]!
    if (!(column >= 0 && column < dims && Number.isInteger(column))) {
      return `Entry ${at} is in column ${column} of ${dims}.`
    }
  }
  return undefined
}

/** Rising columns in each row, checked against the width; SciPy does not promise an order. */
const sortRows = (
  matrix: {
    readonly rows: number
    readonly dims: number
    readonly indptr: Float64Array
    readonly indices: Uint32Array
    readonly values: Float32Array
  },
  path: string
) => {
  const { rows, dims, indptr, indices, values } = matrix
  for (let i = 0; i < rows; i++) {
    const from = indptr[i]!
    const to = indptr[i + 1]!
    const order = Array.from({ length: to - from }, (_, j) => from + j).sort(
      (a, b) => indices[a]! - indices[b]!
    )
    const columns = order.map((at) => indices[at]!)
    const entries = order.map((at) => values[at]!)
    for (let j = 0; j < columns.length; j++) {
      if (columns[j]! >= dims || (j > 0 && columns[j] === columns[j - 1])) {
        throw fileError(
          path,
          `Row ${i} names column ${columns[j]} ${columns[j]! >= dims ? `of ${dims}` : "twice"}.`,
          "each column once, below the width"
        )
      }
      indices[from + j] = columns[j]!
      values[from + j] = entries[j]!
    }
  }
  return matrix
}

const densified = ({
  rows,
  dims,
  indptr,
  indices,
  values
}: Omit<SparseRows, "keys"> & { readonly rows: number }): RawMatrix => {
  const data = new Float32Array(rows * dims)
  for (let i = 0; i < rows; i++) {
    for (let at = indptr[i]!; at < indptr[i + 1]!; at++) data[i * dims + indices[at]!] = values?.[at] ?? 1
  }
  return { keys: null, rows, dims, data }
}

/** Writes one array, named `values`, and the keys as a text array, named `keys`. */
export const writeNpz = async (
  path: string,
  keys: ReadonlyArray<string>,
  shape: ReadonlyArray<number>,
  data: Float32Array | Float64Array
): Promise<void> => {
  const { zipSync } = await import("fflate")
  const bytes = zipSync(
    { "values.npy": new Uint8Array(Buffer.concat(npyParts(shape, data))), "keys.npy": textNpy(keys) },
    { level: 0 }
  )
  writeFileSync(path, bytes)
}

/** Texts as numpy's fixed-width UTF-32. */
const textNpy = (texts: ReadonlyArray<string>): Uint8Array => {
  const points = texts.map((text) => Array.from(text, (char) => char.codePointAt(0)!))
  const width = Math.max(1, ...points.map((word) => word.length))
  const data = new Int32Array(texts.length * width)
  points.forEach((word, i) => data.set(word, i * width))
  const [header, body] = npyParts([texts.length], data)
  const text = new TextDecoder("latin1").decode(header.subarray(10)).trimEnd().replace("<i4", `<U${width}`)
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const head = new Uint8Array([
    ...header.subarray(0, 8),
    length & 255,
    length >> 8,
    ...new TextEncoder().encode(`${text.padEnd(length - 1)}\n`)
  ])
  return new Uint8Array(Buffer.concat([head, body]))
}
