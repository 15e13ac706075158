/**
 * Facts of modules, kept by content: SHA-256 of the bytes → facts. Only an accelerator: a wrong, old or missing file of it
 * costs time and nothing else.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { algorithm, sha256 } from "./facts.mjs"

/** Above this many entries, those not used this time are dropped. */
const keep = 5_000

export class Memo {
  #file
  #version
  #entries = new Map()
  #used = new Set()
  #changed = false

  /** `file` may be null: nothing is kept. `compiler` is esbuild's version. */
  constructor(file, compiler) {
    this.#file = file
    this.#version = `${algorithm} esbuild ${compiler}`
    if (file === null) return
    try {
      const { version, check, entries } = JSON.parse(readFileSync(file, "utf8"))
      if (version === this.#version && check === sha256(entries)) this.#entries = new Map(JSON.parse(entries))
    } catch {
      // Not there, or damaged: start afresh.
    }
  }

  async facts(key, find) {
    this.#used.add(key)
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const facts = await find()
    this.#entries.set(key, facts)
    this.#changed = true
    return facts
  }

  save() {
    if (!this.#changed || this.#file === null) return
    this.#changed = false
    const all = [...this.#entries]
    const kept = all.length > keep ? all.filter(([key]) => this.#used.has(key)) : all
    const entries = JSON.stringify(kept)
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 })
      const temporary = `${this.#file}.${process.pid}`
      writeFileSync(temporary, JSON.stringify({ version: this.#version, check: sha256(entries), entries }))
      renameSync(temporary, this.#file)
    } catch {
      // A read-only folder: the next process pays again.
    }
  }
}
