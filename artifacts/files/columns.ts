/**
 * Which column of a table is the key and which are coordinates: one rule for Parquet, Arrow, CSV and TSV. It looks at
 * types (in text: of the whole column), names and the file's own metadata, never at a first cell.
 *
 * Key: the file's single index level if it is text; else the text column named `key` or `id`; else the first text column;
 * else the first column of whole numbers, all distinct, that is an id or index level by its name or the metadata.
 *
 * Coordinates: the list column where there is one. Else the float columns; or, where there are none, the integer columns.
 * Ids and index levels, booleans, times, binary values, other text and nested values are no coordinates. What is left out
 * is named in a note. `only` names the coordinates and so settles every doubt.
 */
import { fileError } from "./fileError.ts"

export type ColumnKind = "float" | "integer" | "boolean" | "text" | "time" | "list" | "binary" | "other"

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  /** The file's own metadata says that it is an index level (pandas). */
  readonly index?: boolean
  /** What it is, where its kind does not say it: "empty". */
  readonly why?: string
  /** Whether its values are all distinct whole numbers. */
  readonly rowNumbers?: () => boolean
}

export interface Choice {
  /** The number of the key column. */
  readonly key: number | null
  /** The numbers of the coordinate columns, in the file's order, or in that of `only`. */
  readonly coordinates: ReadonlyArray<number>
  /** Full sentences for the user. */
  readonly notes: ReadonlyArray<string>
}

/** Names that say: an id, an index level or a row number. The empty name is the one pandas gives its index in CSV. */
export const isIdName = (name: string): boolean =>
  /^(|key|index|idx|id|(.+[_\- .])?(id|index)|level_\d+|__index_level_\d+__|unnamed: \d+(_level_\d+)?|row|row[_\- .]?(number|num|no|id|index|names?))$/i.test(
    name.trim()
  ) || /[a-z](Id|ID)$/.test(name.trim())

const isKeyName = (name: string): boolean => /^(key|id)$/i.test(name.trim())

/** `'a', 'b' and 'c'`, of many only the first ones. */
export const listed = (names: ReadonlyArray<string>): string => {
  const quoted = names.map((name) => (name === "" ? "the unnamed one" : `'${name}'`))
  const shown = quoted.length > 6 ? [...quoted.slice(0, 5), `${quoted.length - 5} more`] : quoted
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`
}

const what: { readonly [kind in ColumnKind]: string } = {
  float: "a number",
  integer: "a whole number beside decimal ones",
  boolean: "a boolean",
  text: "text",
  time: "a time",
  list: "a list",
  binary: "binary values",
  other: "of a type that is no plain number"
}

/** Throws an InputError where two columns share a name, or nothing or too much is left to choose from. */
export const chooseColumns = (
  path: string,
  columns: ReadonlyArray<Column>,
  only?: ReadonlyArray<string>
): Choice => {
  const coordinates = only === undefined || only.length === 0 ? undefined : named(path, columns, only)
  const key = keyOf(columns, coordinates ?? [])
  const chosen = coordinates ?? coordinatesOf(path, columns, key)
  const taken = new Set(chosen)
  const left = columns.flatMap((_, i) => (i === key || taken.has(i) ? [] : [i]))
  refuseEqualNames(path, columns, left)
  return {
    key,
    coordinates: chosen,
    notes: [
      ...(key !== null && columns[key]!.kind !== "text"
        ? [`Column ${quote(columns[key]!.name)} names the rows (${reason(columns[key]!)}).`]
        : []),
      ...(left.length === 0 || only !== undefined ? [] : [leftOut(columns, left)])
    ]
  }
}

const quote = (name: string): string => (name === "" ? "without a name" : `'${name}'`)

const isId = (column: Column): boolean => column.index === true || isIdName(column.name)

const reason = (column: Column): string =>
  column.index === true
    ? "an index level"
    : (column.kind === "integer" || column.kind === "float") && isIdName(column.name)
      ? "an id or index by its name"
      : (column.why ?? what[column.kind])

const keyOf = (columns: ReadonlyArray<Column>, taken: ReadonlyArray<number>): number | null => {
  const free = columns.map((column, i) => ({ ...column, i })).filter(({ i }) => !taken.includes(i))
  const levels = free.filter(({ index }) => index === true)
  const text = free.filter(({ kind }) => kind === "text")
  const key =
    (levels.length === 1 && levels[0]!.kind === "text" ? levels[0] : undefined) ??
    text.find(({ name }) => isKeyName(name)) ??
    text[0] ??
    free.find(
      (column) =>
        column.kind === "integer" &&
        isId(column) &&
        // Without its values an id counts as distinct; duplicates are refused when the rows are named.
        (columns[column.i]!.rowNumbers?.() ?? levels.length <= 1)
    )
  return key?.i ?? null
}

const coordinatesOf = (
  path: string,
  columns: ReadonlyArray<Column>,
  key: number | null
): ReadonlyArray<number> => {
  const of = (kind: ColumnKind) =>
    columns.flatMap((column, i) => (column.kind === kind && i !== key ? [i] : []))
  const lists = of("list")
  if (lists.length === 1) return lists
  if (lists.length > 1)
    throw fileError(
      path,
      `Columns ${listed(lists.map((i) => columns[i]!.name))} are lists of numbers.`,
      "one column of lists, whose numbers are the coordinates",
      "name the one you mean with --columns"
    )
  const floats = of("float").filter((i) => {
    const column = columns[i]!
    return column.index !== true && !(isIdName(column.name) && column.rowNumbers?.() === true)
  })
  const numbers = floats.length > 0 ? floats : of("integer").filter((i) => !isId(columns[i]!))
  if (numbers.length > 0) return numbers
  throw fileError(
    path,
    `No column holds coordinates: ${
      columns.length === 0
        ? "there are no columns"
        : columns
            .slice(0, 8)
            .map(
              (column, i) =>
                `${column.name === "" ? "one without a name" : `'${column.name}'`} is ${i === key ? "the key" : reason(column)}`
            )
            .join(", ") + (columns.length > 8 ? `, and ${columns.length - 8} more` : "")
    }.`,
    "one column of lists, or columns of numbers that are no ids",
    "name the columns of numbers with --columns, or convert them"
  )
}

/** The columns of `only`, in its order. */
const named = (
  path: string,
  columns: ReadonlyArray<Column>,
  only: ReadonlyArray<string>
): ReadonlyArray<number> => {
  const chosen = only.map((name) => {
    const at = columns.flatMap((column, i) => (column.name === name ? [i] : []))
    if (at.length !== 1)
      throw fileError(
        path,
        at.length === 0
          ? `The file has no column '${name}'.`
          : `${at.length} columns have the name '${name}'.`,
        `names of the columns ${listed(columns.map((column) => column.name))}`,
        at.length === 0 ? "correct --columns" : "give each column a name of its own"
      )
    const { kind } = columns[at[0]!]!
    if (kind !== "float" && kind !== "integer" && kind !== "list")
      throw fileError(path, `Column '${name}' is ${what[kind]}.`, "columns of numbers in --columns")
    return at[0]!
  })
  if (new Set(chosen).size < chosen.length)
    throw fileError(path, "--columns names a column twice.", "each column once")
  if (chosen.length > 1 && chosen.some((i) => columns[i]!.kind === "list"))
    throw fileError(
      path,
      "--columns names a column of lists beside others.",
      "one column of lists, or columns of numbers"
    )
  return chosen
}

/** Columns without a name may be many, as pandas writes index levels, where none of them is read. */
const refuseEqualNames = (
  path: string,
  columns: ReadonlyArray<Column>,
  left: ReadonlyArray<number>
): void => {
  const seen = new Map<string, number>()
  columns.forEach(({ name }, i) => {
    const earlier = seen.get(name)
    if (earlier !== undefined && !(name === "" && left.includes(i)))
      throw fileError(
        path,
        `Columns ${earlier + 1} and ${i + 1} have the same name${name === "" ? ": none" : ` '${name}'`}.`,
        "a name of its own for each column",
        "rename one of them"
      )
    seen.set(name, i)
  })
}

const leftOut = (columns: ReadonlyArray<Column>, left: ReadonlyArray<number>): string => {
  const reasons = [...new Set(left.map((i) => reason(columns[i]!)))]
  const one = left.length === 1
  return `Column${one ? "" : "s"} ${
    one ? quote(columns[left[0]!]!.name) : listed(left.map((i) => columns[i]!.name))
  } ${one ? "is no coordinate" : "are no coordinates"} (${reasons.join(", ")}) and ${one ? "is" : "are"} left out.`
}
