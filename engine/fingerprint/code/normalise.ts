/**
 * What the code hash needs to know of one module, and nothing else: a hash of its text after types, comments and
 * formatting are gone, and the names it refers to. Depends on the file's content and extension alone.
 */
import { readFileSync } from "node:fs"
import { sha256 } from "../sha256.ts"

export interface Facts {
  readonly hash: string
  /** Literal names in static imports, re-exports, dynamic imports and `require`, sorted. */
  readonly imports: ReadonlyArray<string>
  /** Literal names in `new URL("…", import.meta.url)`, sorted. */
  readonly assets: ReadonlyArray<string>
}

const loaders = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
  ".jsx": "jsx"
} as const

const extensionOf = (path: string): string => /\.[^./\\]*$/.exec(path)?.[0] ?? ""

/** Whether the file is a module; other files count byte for byte. */
export const isModule = (path: string): boolean => extensionOf(path) in loaders

/** The part of a file that its facts depend on besides its bytes. */
export const loaderOf = (path: string): string => loaders[extensionOf(path) as keyof typeof loaders] ?? "raw"

/** Facts of a file that is not a module: wasm, JSON, text. */
export const rawFacts = (contentHash: string): Facts => ({ hash: contentHash, imports: [], assets: [] })

const assetPattern = /new URL\((["'`])([^"'`]+)\1,import\.meta\.url\)/g
const requirePattern = /\brequire\((["'`])(\.{1,2}\/[^"'`]+)\1\)/g

const sortedUnique = (names: Iterable<string>): ReadonlyArray<string> => [...new Set(names)].sort()

/** Rejects with esbuild's error where the text is not a module. */
export const factsOf = async (path: string): Promise<Facts> => {
  const [esbuild, lexer] = await Promise.all([import("esbuild"), import("es-module-lexer")])
  await lexer.init
  const { code } = await esbuild.transform(readFileSync(path, "utf8"), {
    loader: loaders[extensionOf(path) as keyof typeof loaders],
    minifyWhitespace: true,
    legalComments: "none",
    target: "esnext",
    charset: "utf8",
    sourcefile: path,
    logLevel: "silent",
    // Independent of any tsconfig.json: an import without `type` stays an import.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } }
  })
  const [imports] = lexer.parse(code)
  return {
    hash: sha256(code),
    imports: sortedUnique([
      ...imports.flatMap((entry) => (typeof entry.n === "string" ? [entry.n] : [])),
      ...Array.from(code.matchAll(requirePattern), (match) => match[2]!)
    ]),
    assets: sortedUnique(Array.from(code.matchAll(assetPattern), (match) => match[2]!))
  }
}
