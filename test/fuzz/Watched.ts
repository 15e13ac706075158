/** A child that reads inputs, watched: it is ended where one input takes more than 5 s of processor time or 1 GB. */
import { spawn, type ChildProcess } from "node:child_process"
import * as fs from "node:fs"
import { createInterface } from "node:readline"
import type { Outcome } from "./child.ts"

export interface Ended {
  readonly kind: "hang" | "memory" | "died"
  readonly detail: string
}

export const mostSeconds = 5
export const mostBytes = 1e9
/** A process that waits for a processor or a disk is not hanging; one that waits for ever is. */
const mostWall = 60

const ticks = 100
const page = 4096

/** Processor seconds and resident bytes of a process; zeros where the system has no /proc. */
const usage = (pid: number): { readonly seconds: number; readonly bytes: number } => {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ")
    return {
      seconds: (Number(stat[11]) + Number(stat[12])) / ticks,
      bytes: Number(fs.readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * page
    }
  } catch {
    return { seconds: 0, bytes: 0 }
  }
}

/** Runs a list of inputs; `ended` says what became of the one at which the child was lost, if it was. */
export const watched = (
  args: ReadonlyArray<string>,
  onOutcome: (input: number, outcome: Outcome) => void
): Promise<{ readonly input: number; readonly ended: Ended } | undefined> =>
  new Promise((resolve) => {
    const child: ChildProcess = spawn(
      process.execPath,
      ["--expose-gc", "--max-old-space-size=900", process.argv[1]!, ...args],
      { stdio: ["ignore", "pipe", "pipe"] }
    )
    let current: { readonly input: number; readonly wall: number; readonly seconds: number } | undefined
    let ended: Ended | undefined
    let last = ""
    const end = (kind: Ended["kind"], detail: string): void => {
      ended ??= { kind, detail }
      child.kill("SIGKILL")
    }
    const watch = setInterval(() => {
      if (current === undefined) return
      const { seconds, bytes } = usage(child.pid!)
      if (bytes > mostBytes) end("memory", `${Math.round(bytes / 1e6)} MB`)
      else if (seconds - current.seconds > mostSeconds) end("hang", `more than ${mostSeconds} s`)
      else if (performance.now() - current.wall > mostWall * 1000)
        end("hang", `more than ${mostWall} s of waiting`)
    }, 50)
    child.stderr!.on("data", (text: Buffer) => (last = (last + text.toString("utf8")).slice(-2000)))
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const [letter, input, ...rest] = line.split(" ")
      if (letter === "b")
        current = { input: Number(input), wall: performance.now(), seconds: usage(child.pid!).seconds }
      else if (letter === "e") {
        current = undefined
        onOutcome(Number(input), JSON.parse(rest.join(" ")) as Outcome)
      }
    })
    child.on("close", (code, signal) => {
      clearInterval(watch)
      if (current === undefined && code === 0) return resolve(undefined)
      const said = /FATAL[^\n]*|Fatal[^\n]*/.exec(last)?.[0] ?? last.split("\n").slice(0, 3).join(" ")
      resolve({
        input: current?.input ?? -1,
        ended: ended ?? { kind: "died", detail: `${signal ?? code}: ${said}` }
      })
    })
  })
