/** The Parquet, Arrow and CSV files below a folder, by their extension or, for those that fuzzers named, by their folder. */
import * as fs from "node:fs"
import * as path from "node:path"

export const formats = ["parquet", "arrow", "csv"] as const
export type Format = (typeof formats)[number]

export interface CorpusFile {
  readonly path: string
  /** The path below the folder that was named. */
  readonly name: string
  readonly format: Format
}

const extensions: { readonly [extension: string]: Format | undefined } = {
  ".parquet": "parquet",
  ".encrypted": "parquet",
  ".arrow": "arrow",
  ".feather": "arrow",
  ".ipc": "arrow",
  ".stream": "arrow",
  ".arrow_file": "arrow",
  ".csv": "csv"
}

/** Names that fuzzers give. */
const found = /^(crash|clusterfuzz|oss-fuzz|poc|timeout|leak|oom)\b/

const formatOf = (name: string): Format | undefined => {
  const known = extensions[path.extname(name)]
  if (known !== undefined) return known
  if (!found.test(path.basename(name)) && path.extname(name) !== ".fuzz") return undefined
  const folder = path.dirname(name)
  if (folder.includes("parquet")) return "parquet"
  if (folder.includes("arrow-ipc")) return "arrow"
  return folder.includes("csv") ? "csv" : undefined
}

export const corpusFiles = (root: string): ReadonlyArray<CorpusFile> =>
  fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.split(path.sep).includes(".git"))
    .toSorted()
    .flatMap((file) => {
      // Above the folder that is named, too, folders may say the format.
      const format = formatOf(path.resolve(file))
      return format === undefined
        ? []
        : [{ path: path.resolve(file), name: path.relative(path.dirname(path.resolve(root)), file), format }]
    })
