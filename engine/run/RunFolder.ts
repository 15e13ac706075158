/** The folder of one run: its name, its `run.json`, its events. */
import { randomBytes } from "node:crypto"
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { errnoOf, unwritable } from "../../artifacts/failures.ts"
import { temporaryPath } from "../../artifacts/store/durable.ts"
import { runFolders, runNumber } from "../../artifacts/store/runFolders.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import type { RunEvent } from "./events.ts"
import type { RunFile } from "./RunFile.ts"

export const runsFolder = (storeRoot: string): string => join(storeRoot, "runs")

/**
 * `r261124-231247-04f3a-17`: the date and time (UTC) for people, random digits that keep two runs of one moment apart,
 * and the run's number in its store, by which runs are ordered.
 */
const newId = (time: number, number: number): string => {
  const digits = new Date(time)
    .toISOString()
    .replace(/^.*?(\d{2}-\d{2}-\d{2}T)/, "$1")
    .replace(/\D/g, "")
  const random = randomBytes(3).toString("hex").slice(0, 5)
  return `r${digits.slice(0, 6)}-${digits.slice(6, 12)}-${random}-${number}`
}

/** Makes a folder that no other run has. */
export const createRunFolder = (storeRoot: string, time: number): Effect.Effect<RunFolder, ArtifactError> =>
  Effect.try({
    try: () => {
      mkdirSync(runsFolder(storeRoot), { recursive: true })
      for (;;) {
        const id = newId(time, 1 + largest(runsFolder(storeRoot)))
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

const largest = (runs: string): number =>
  runFolders(runs).reduce((most, id) => Math.max(most, runNumber(id)), 0)

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
        const temporary = temporaryPath(join(this.directory, "..", "..", "tmp"))
        try {
          writeFileSync(temporary, JSON.stringify(file))
          renameSync(temporary, join(this.directory, "run.json"))
        } finally {
          rmSync(temporary, { force: true })
        }
      },
      catch: unwritable(this.directory)
    })
  }
}
