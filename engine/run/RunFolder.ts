/** The folder of one run: its name, its `run.json`, its events. */
import { randomBytes } from "node:crypto"
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { errnoOf, unwritable } from "../../artifacts/failures.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import type { RunEvent } from "./events.ts"
import type { RunFile } from "./RunFile.ts"

export const runsFolder = (storeRoot: string): string => join(storeRoot, "runs")

/** Sorts by time: `r261124-231247-04f3a`, the date and time (UTC) and random digits. */
const newId = (time: number): string => {
  const digits = new Date(time).toISOString().replace(/\D/g, "")
  // Milliseconds keep two runs of one second in order; the rest keeps two of one millisecond apart.
  return `r${digits.slice(2, 8)}-${digits.slice(8, 14)}-${digits.slice(14, 17)}${randomBytes(1).toString("hex")}`
}

/** Makes a folder that no other run has. */
export const createRunFolder = (storeRoot: string, time: number): Effect.Effect<RunFolder, ArtifactError> =>
  Effect.try({
    try: () => {
      mkdirSync(runsFolder(storeRoot), { recursive: true })
      for (;;) {
        const id = newId(time)
        try {
          mkdirSync(join(runsFolder(storeRoot), id))
          return new RunFolder(id, join(runsFolder(storeRoot), id))
        } catch (error) {
          if (errnoOf(error) !== "EEXIST") throw error
        }
      }
    },
    catch: unwritable(runsFolder(storeRoot))
  })

export class RunFolder {
  readonly id: string
  readonly directory: string
  #buffer = ""
  #timer: NodeJS.Timeout | undefined

  constructor(id: string, directory: string) {
    this.id = id
    this.directory = directory
  }

  /** Events reach the file within 100 ms, in order; `flush` writes what is left. A full disk does not stop the study. */
  append(event: RunEvent): void {
    this.#buffer += `${JSON.stringify(event)}\n`
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.flush(), 100)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#buffer === "") return
    const text = this.#buffer
    this.#buffer = ""
    try {
      appendFileSync(join(this.directory, "events.jsonl"), text)
    } catch {
      // The run goes on; its records matter more than its diary.
    }
  }

  /** Replaces `run.json` in one step. */
  write(file: RunFile): Effect.Effect<void, ArtifactError> {
    return Effect.try({
      try: () => {
        const temporary = join(this.directory, `run.json.${process.pid}.tmp`)
        writeFileSync(temporary, JSON.stringify(file))
        renameSync(temporary, join(this.directory, "run.json"))
      },
      catch: unwritable(this.directory)
    })
  }
}
