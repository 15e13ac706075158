/**
 * Walks the local import closure of a module. Each file is read and hashed once a process; each distinct content is
 * parsed once ever (see `memo`). No tree shaking: an edit anywhere in a reached file counts.
 */
import { readFileSync } from "node:fs"
import type { CodeClosure } from "../Code.ts"
import { canonicalJson } from "../../../artifacts/canonicalJson.ts"
import { sha256 } from "../sha256.ts"
import { Memo } from "./memo.ts"
import type { Facts } from "./normalise.ts"
import { factsOf, isModule, loaderOf, rawFacts } from "./normalise.ts"
import { counts, displayName, Resolver, root, truePath } from "./resolve.ts"

/** Bump when the hash of an unchanged file changes its meaning; that runs every stage again. */
const algorithm = "1"

interface Visited {
  readonly hash: string
  readonly files: ReadonlyArray<string>
  readonly missing: ReadonlyArray<string>
  readonly packages: ReadonlyArray<readonly [name: string, version: string]>
}

export class Closures {
  readonly #memo: Memo
  readonly #resolver = new Resolver()
  readonly #visited = new Map<string, Promise<Visited>>()
  readonly #closures = new Map<string, Promise<CodeClosure>>()

  constructor(cache: string | null) {
    this.#memo = new Memo(
      cache,
      `${algorithm} esbuild ${this.#resolver.packageVersion("esbuild", `${root}/package.json`)}`
    )
  }

  /** Rejects with the file system's error or esbuild's. */
  closure(stageFile: string): Promise<CodeClosure> {
    const known = this.#closures.get(stageFile)
    if (known !== undefined) return known
    const walking = this.#walk(truePath(stageFile))
    this.#closures.set(stageFile, walking)
    return walking
  }

  async #walk(stageFile: string): Promise<CodeClosure> {
    const files: { [name: string]: string } = {}
    const packages: { [name: string]: string } = {}
    const seen = new Set([stageFile])
    let wave = [stageFile]
    while (wave.length > 0) {
      const visits = await Promise.all(wave.map((path) => this.#visit(path)))
      const next: Array<string> = []
      visits.forEach((visit, i) => {
        files[displayName(wave[i]!, stageFile)] = visit.hash
        for (const path of visit.missing) files[displayName(path, stageFile)] = "missing"
        for (const [name, version] of visit.packages) packages[name] = version
        for (const path of visit.files) {
          if (seen.has(path)) continue
          seen.add(path)
          next.push(path)
        }
      })
      wave = next
    }
    this.#memo.save()
    const sorted = { files: sortedRecord(files), packages: sortedRecord(packages) }
    return { hash: sha256(canonicalJson(sorted)), ...sorted }
  }

  #visit(path: string): Promise<Visited> {
    const known = this.#visited.get(path)
    if (known !== undefined) return known
    const visiting = this.#facts(path).then((facts) => this.#follow(path, facts))
    this.#visited.set(path, visiting)
    return visiting
  }

  async #facts(path: string): Promise<Facts> {
    const content = sha256(readFileSync(path))
    if (!isModule(path)) return rawFacts(content)
    const key = `${loaderOf(path)}:${content}`
    const known = this.#memo.get(key)
    if (known !== undefined) return known
    const facts = await factsOf(path)
    this.#memo.set(key, facts)
    return facts
  }

  #follow(path: string, facts: Facts): Visited {
    const files: Array<string> = []
    const missing: Array<string> = []
    const packages: Array<readonly [string, string]> = []
    for (const specifier of facts.imports) {
      const target = this.#resolver.resolve(specifier, path)
      if (target.type === "package") packages.push([target.name, target.version])
      if (target.type === "missing") missing.push(target.path)
      if (target.type === "file" && counts(target.path, path)) files.push(truePath(target.path))
    }
    for (const specifier of facts.assets) {
      // `new URL("x", import.meta.url)` is relative with or without a leading dot; folders are no content.
      const target = this.#resolver.resolve(/^[./]/.test(specifier) ? specifier : `./${specifier}`, path)
      if (target.type === "file" && counts(target.path, path)) files.push(truePath(target.path))
    }
    return { hash: facts.hash, files, missing, packages }
  }
}

const sortedRecord = (record: { readonly [key: string]: string }): { readonly [key: string]: string } =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
