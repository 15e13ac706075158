/**
 * What of a program's graph is the code of a stage: a walk from the stage's module along imports, by the rule of `counts`.
 * Cost: one visit a file and stage.
 */
import { dirname, relative, sep } from "node:path"
import { canonicalJson } from "../../../artifacts/canonicalJson.ts"
import type { Components } from "../../../artifacts/NodeRecord.ts"
import { sha256 } from "../sha256.ts"
import type { SourceFile, SourceGraph } from "./SourceGraph.ts"

type CodeClosure = Components["code"]

export interface Closure {
  readonly code: CodeClosure
  /** Files of it that are read from their own paths while the stage runs: path → SHA-256 when the program was compiled. */
  readonly inPlace: { readonly [path: string]: string }
  /** What stages made by functions of the stage's module take from those functions without declaring it. */
  readonly captures: ReadonlyArray<{ readonly names: ReadonlyArray<string> }>
}

/** Files of asterism that are no part of what a stage computes: the engine, the store, and how errors are worded. */
const left =
  /^(engine\/|artifacts\/store\/|artifacts\/(Store|failures|Manifest|NodeRecord)\.ts$|schemas\/errors\.ts$)/
const backends = "compute/backends/"

/**
 * Whether the walk goes from one file into another, both as paths below asterism. The backends are part of `numerics`: a
 * stage's numbers depend on the one it ran on, not on all that exist.
 */
export const counts = (target: string, importer: string): boolean =>
  !left.test(target) && (!target.startsWith(backends) || importer.startsWith(backends))

/** `effect` is the frame that stages run in, not what they compute. */
const countsPackage = (name: string): boolean => name !== "effect" && !name.startsWith("@effect/")

/** Of true paths; most lie below. */
const within = (base: string, path: string): string => {
  const below = path.startsWith(base) && path[base.length] === sep
  return (below ? path.slice(base.length + 1) : relative(base, path)).replaceAll(sep, "/")
}

/**
 * The name of a file in records and messages, the same in every checkout: below asterism for its own files, below its
 * package for a linked one, else relative to the stage's folder.
 */
const displayName = (
  path: string,
  file: SourceFile,
  stage: string,
  owner: string | undefined,
  root: string
): string => {
  const own = within(root, path)
  const isOwn = !own.startsWith("../")
  if (!within(root, stage).startsWith("../")) return isOwn ? own : within(root, path)
  if (isOwn) return `asterism/${own}`
  if (file.owner !== null && file.owner[1] !== owner) return `${file.owner[0]}/${within(file.owner[1], path)}`
  return within(dirname(stage), path)
}

/** The closure of a stage's module and of `also`, such as the codecs of its inputs. Undefined: the graph lacks a file. */
export const closureOf = (
  graph: SourceGraph,
  stage: string,
  also: ReadonlyArray<string>,
  root: string
): Closure | undefined => {
  const files: { [name: string]: string } = {}
  const packages: { [name: string]: string } = {}
  const inPlace: { [path: string]: string } = {}
  const owner = graph.files[stage]?.owner?.[1]
  const open = [stage, ...also]
  const seen = new Set(open)
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = Object.hasOwn(graph.files, path) ? graph.files[path] : undefined
    if (file === undefined) return undefined
    files[displayName(path, file, stage, owner, root)] = file.hash
    if (file.inPlace === true) inPlace[path] = file.content
    for (const [name, version] of file.packages) if (countsPackage(name)) packages[name] = version
    for (const target of file.imports) {
      if (seen.has(target) || !counts(within(root, target), within(root, path))) continue
      seen.add(target)
      open.push(target)
    }
  }
  const sorted = { files: sortedRecord(files), packages: sortedRecord(packages) }
  return {
    code: { hash: sha256(canonicalJson(sorted)), ...sorted },
    inPlace,
    captures: graph.files[stage]!.captures ?? []
  }
}

const sortedRecord = (record: { readonly [key: string]: string }): { readonly [key: string]: string } =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
