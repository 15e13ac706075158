/** When, from which commit and on which machine a results page was made. */
import { execFileSync } from "node:child_process"
import * as os from "node:os"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** The short hash of the commit the bench runs from. */
export const commit = (): string =>
  execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim()

/** As in "2026-11-25 at commit abc1234". */
export const dateAndCommit = (): string => `${new Date().toISOString().slice(0, 10)} at commit ${commit()}`

/** Processor and cores. */
export const processor = (): string =>
  `${os.cpus()[0]?.model ?? "unknown processor"}, ${os.availableParallelism()} cores`
