/**
 * A source as a bundler should read it: `import.meta.url` keeps meaning the source file, so that code hashes start there
 * and files beside it are found. One constant a module, on its first line, so that line numbers stay; where the words stand
 * inside a string or a comment, they become a name there and nothing breaks.
 */
import { readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

export const sourceModule = (path) => ({
  contents: sourceText(readFileSync(path, "utf8"), path, new Map()),
  loader: path.endsWith("ts") ? "ts" : "js"
})

/** `new URL("x", import.meta.url)`, however it is spaced. */
const assets = /new\s+URL\(\s*(["'`])([^"'`]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g

/** `copies`: names in `new URL(name, import.meta.url)` → names beside the bundle. */
export const sourceText = (text, path, copies) => {
  const withCommonJs = commonJs(text, path)
  if (!text.includes("import.meta.url")) return withCommonJs + text
  // Where the bundle lies is known only when it runs.
  const beside = text.replace(assets, (whole, _quote, name) =>
    copies.has(name) ? `new URL(${JSON.stringify(`./${copies.get(name)}`)}, import.meta.uri_)` : whole
  )
  const declared = `const asterismSource_ = ${JSON.stringify(pathToFileURL(path).href)};`
  return (
    withCommonJs +
    declared +
    beside.replaceAll("import.meta.url", "asterismSource_").replaceAll("import.meta.uri_", "import.meta.url")
  )
}

/** A linked CommonJS file keeps its own folder. */
const commonJs = (text, path) => {
  if (!/\b__(dirname|filename)\b/.test(text) || /\b(const|let|var)\s+__(dirname|filename)\b/.test(text))
    return ""
  const folder = path.replace(/[/\\][^/\\]*$/, "")
  return `var __dirname = ${JSON.stringify(folder)}, __filename = ${JSON.stringify(path)};`
}
