/** A node's log: lines with their time, in a file that is created with the first of them. */
import { appendFileSync, existsSync, mkdirSync } from "node:fs"
import { dirname, join } from "node:path"

/** Where a node's log lies in a run's folder. */
export const logFileOf = (runDirectory: string, node: string): string =>
  join(runDirectory, "logs", `${node.replaceAll("/", "__")}.log`)

export class NodeLog {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Never fails: a log that cannot be written must not stop a study. */
  write(text: string): void {
    const time = new Date().toISOString()
    this.raw(
      text
        .trimEnd()
        .split("\n")
        .map((line) => `${time} ${line}\n`)
        .join("")
    )
  }

  /** Appends what another program printed, as it is. */
  raw(text: string | Uint8Array): void {
    try {
      appendFileSync(this.path, text)
    } catch {
      try {
        mkdirSync(dirname(this.path), { recursive: true })
        appendFileSync(this.path, text)
      } catch {
        // See above.
      }
    }
  }

  get exists(): boolean {
    return existsSync(this.path)
  }
}
