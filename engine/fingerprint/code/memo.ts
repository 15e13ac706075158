/**
 * What was learnt about files, kept by content: SHA-256 of the bytes → facts. Only an accelerator; a wrong, old or
 * missing file of it costs time and nothing else.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import type { Facts } from "./normalise.ts"

const Entry = Schema.Struct({
  hash: Schema.String,
  imports: Schema.Array(Schema.String),
  assets: Schema.Array(Schema.String)
})
const File = Schema.Struct({ version: Schema.String, entries: Schema.Record(Schema.String, Entry) })
const decode = Schema.decodeUnknownExit(File)

/** Above this many entries, those not used this time are dropped. */
const keep = 5_000

export class Memo {
  readonly #path: string | null
  readonly #version: string
  readonly #entries = new Map<string, Facts>()
  readonly #used = new Set<string>()
  #changed = false

  /** `version` names what the facts depend on besides the content: this module and esbuild. */
  constructor(directory: string | null, version: string) {
    this.#path = directory === null ? null : join(directory, "code.json")
    this.#version = version
    if (this.#path === null) return
    try {
      const file = decode(JSON.parse(readFileSync(this.#path, "utf8")))
      if (Exit.isSuccess(file) && file.value.version === version) {
        for (const [key, facts] of Object.entries(file.value.entries)) this.#entries.set(key, facts)
      }
    } catch {
      // Not there, or not JSON: start afresh.
    }
  }

  get(key: string): Facts | undefined {
    this.#used.add(key)
    return this.#entries.get(key)
  }

  set(key: string, facts: Facts): void {
    this.#used.add(key)
    this.#entries.set(key, facts)
    this.#changed = true
  }

  save(): void {
    if (!this.#changed || this.#path === null) return
    this.#changed = false
    const all = [...this.#entries]
    const entries = all.length > keep ? all.filter(([key]) => this.#used.has(key)) : all
    try {
      mkdirSync(join(this.#path, ".."), { recursive: true })
      const temporary = `${this.#path}.${process.pid}`
      writeFileSync(
        temporary,
        JSON.stringify({ version: this.#version, entries: Object.fromEntries(entries) })
      )
      renameSync(temporary, this.#path)
    } catch {
      // A read-only folder: the next process pays again.
    }
  }
}
