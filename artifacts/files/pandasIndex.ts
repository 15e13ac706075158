/** The columns that pandas wrote for index levels, by the metadata it leaves in Parquet and Arrow files under `pandas`. */
export const pandasIndex = (metadata: string | undefined): ReadonlySet<string> => {
  if (metadata === undefined) return new Set()
  try {
    const { index_columns: levels } = JSON.parse(metadata) as { readonly index_columns?: unknown }
    // A level that is a range is no column; it is described by an object.
    return new Set(Array.isArray(levels) ? levels.filter((level) => typeof level === "string") : [])
  } catch {
    return new Set()
  }
}
