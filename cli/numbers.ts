/**
 * The numbers of a table that has a `value` column, each under the columns that name it.
 *
 * A number is named by its text columns and by `k`; where that does not tell the rows apart, also by the other columns of
 * numbers, as many as it takes (a window, a dimension). `subsample` and `seed` are not names but repetitions of one number.
 * Of a curve (`step`) only the last step is taken.
 */
import { own, setOwn } from "../schemas/named.ts"

export interface Numbers {
  /** The columns that name the number: setting, views, metric, k. */
  readonly key: { readonly [column: string]: string }
  /** Which of those columns tell rows apart that have equal names. */
  readonly within: ReadonlyArray<string>
  readonly direction: string | null
  /** The value without repetition: on all rows where there are subsamples. */
  all: number | null
  readonly repeatedBy: "subsample" | "seed" | null
  /** Values by subsample or seed. */
  readonly repeated: Map<string, number>
  /** How many rows `all` and each subsample are over, and how many there are; null where the table does not say. */
  allRows: number | null
  drawRows: number | null
  common: number | null
}

export type Cells = { readonly [column: string]: unknown }

const describing = new Set(["subsample", "direction", "definition"])
const measuring = new Set([
  "value",
  "n",
  "common",
  "seed",
  "chance",
  "nullMean",
  "nullSd",
  "nullP",
  "nullPermutations"
])

const repetitionOf = (row: Cells): string =>
  typeof row.subsample === "string" ? row.subsample : typeof row.seed === "number" ? String(row.seed) : "all"

const nameOf = (row: Cells, columns: ReadonlyArray<string>): string =>
  JSON.stringify(columns.map((column) => own(row, column) ?? null))

/** The columns that name a number, so that no two rows are the same repetition of it; undefined where none do. */
const namingColumns = (rows: ReadonlyArray<Cells>): ReadonlyArray<string> | undefined => {
  const columns = Object.keys(rows[0] ?? {})
  const isText = (column: string): boolean => rows.some((row) => typeof own(row, column) === "string")
  const names = columns.filter((column) => column === "k" || (isText(column) && !describing.has(column)))
  const distinct = (chosen: ReadonlyArray<string>): number =>
    new Set(rows.map((row) => nameOf(row, chosen) + repetitionOf(row))).size
  let found = distinct(names)
  for (const column of columns) {
    if (found === rows.length) break
    if (names.includes(column) || describing.has(column) || measuring.has(column)) continue
    const more = distinct([...names, column])
    if (more > found) {
      names.push(column)
      found = more
    }
  }
  return found === rows.length ? names : undefined
}

/** Of each curve the rows of its last step. */
const lastSteps = (rows: ReadonlyArray<Cells>, names: ReadonlyArray<string>): ReadonlyArray<Cells> => {
  const others = names.filter((name) => name !== "step")
  const last = new Map<string, number>()
  for (const row of rows)
    last.set(nameOf(row, others), Math.max(Number(row.step), last.get(nameOf(row, others)) ?? -Infinity))
  return rows.filter((row) => Number(row.step) === last.get(nameOf(row, others)))
}

/** The columns that name the numbers of both tables; undefined where the rows of one cannot be told apart. */
export const sharedNames = (
  a: ReadonlyArray<Cells>,
  b: ReadonlyArray<Cells>
): ReadonlyArray<string> | undefined => {
  const [first, second] = [namingColumns(a), namingColumns(b)]
  return first === undefined || second === undefined ? undefined : [...new Set([...first, ...second])]
}

/** The numbers of a table by the name they are found again under. */
export const numbersOf = (
  table: ReadonlyArray<Cells>,
  names: ReadonlyArray<string>
): ReadonlyMap<string, Numbers> => {
  const curve = names.includes("step")
  const rows = curve ? lastSteps(table, names) : table
  const identity = names.filter((name) => name !== "step")
  const numbers = new Map<string, Numbers>()
  for (const row of rows) {
    if (typeof row.value !== "number") continue
    const id = nameOf(row, identity)
    const known = numbers.get(id) ?? newNumbers(row, names)
    numbers.set(id, known)
    const repetition = repetitionOf(row)
    const n = typeof row.n === "number" ? row.n : null
    if (repetition === "all") {
      known.all = row.value
      known.allRows = n
      known.common ??= n
    } else {
      known.repeated.set(repetition, row.value)
      known.drawRows = n
    }
    if (typeof row.common === "number") known.common = row.common
  }
  return numbers
}

const newNumbers = (row: Cells, names: ReadonlyArray<string>): Numbers => {
  const key: { [column: string]: string } = {}
  const within: Array<string> = []
  for (const name of names) {
    const cell = own(row, name) ?? null
    if (cell === null) continue
    if (typeof cell !== "string" && name !== "k" && name !== "step") within.push(name)
    setOwn(key, name, typeof cell === "string" ? cell : `${name} ${String(cell)}`)
  }
  return {
    key,
    within,
    direction: typeof row.direction === "string" ? row.direction : null,
    all: null,
    repeatedBy:
      typeof row.subsample === "string" ? "subsample" : typeof row.seed === "number" ? "seed" : null,
    repeated: new Map(),
    allRows: null,
    drawRows: null,
    common: null
  }
}
