/**
 * A TypeScript source as a bundler should read it: `import.meta.url` keeps meaning the source file, so that code hashes
 * start there and files beside it are found. One constant a module, on its first line, so that line numbers stay; where
 * the words stand inside a string or a comment, they become a name there and nothing breaks.
 */
import { readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

export const sourceModule = (path) => {
  const contents = readFileSync(path, "utf8")
  const loader = path.endsWith("ts") ? "ts" : "js"
  if (!contents.includes("import.meta.url")) return { contents, loader }
  const declared = `const asterismSource_ = ${JSON.stringify(pathToFileURL(path).href)};`
  return { contents: declared + contents.replaceAll("import.meta.url", "asterismSource_"), loader }
}
