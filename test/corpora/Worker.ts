/**
 * This script in a process of its own, which answers one question after the other, a line of JSON each, within a time and a
 * memory limit (resident size, where /proc tells it). A process that breaks a limit or ends is replaced by a new one.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process"
import { readFileSync } from "node:fs"
import type { Readable, Writable } from "node:stream"

export type Answer =
  | { readonly kind: "reply"; readonly reply: unknown }
  | { readonly kind: "over"; readonly why: "time" | "memory" | "end"; readonly detail: string }

export class Worker {
  readonly #option: string
  readonly #limits: { readonly seconds: number; readonly mebibytes: number }
  #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined

  constructor(option: string, limits: { readonly seconds: number; readonly mebibytes: number }) {
    this.#option = option
    this.#limits = limits
  }

  ask(question: unknown): Promise<Answer> {
    const child = (this.#child ??= this.#start())
    const { seconds, mebibytes } = this.#limits
    return new Promise((resolve) => {
      let out = ""
      let err = ""
      const begun = performance.now()
      const done = (answer: Answer): void => {
        clearInterval(timer)
        child.stdout.removeAllListeners("data")
        child.stderr.removeAllListeners("data")
        child.removeAllListeners("close")
        // Memory that a process was once given is not told apart from what it needs for the next file.
        if (answer.kind === "over" || residentMebibytes(child.pid) > mebibytes / 3) {
          child.kill("SIGKILL")
          this.#child = undefined
        }
        resolve(answer)
      }
      const timer = setInterval(() => {
        const resident = residentMebibytes(child.pid)
        if (resident > mebibytes)
          done({
            kind: "over",
            why: "memory",
            detail: `more than ${mebibytes} MiB (${Math.round(resident)})`
          })
        else if (performance.now() - begun > seconds * 1000)
          done({ kind: "over", why: "time", detail: `not done after ${seconds} s` })
      }, 20)
      child.stdout.on("data", (text) => {
        out += text
        const end = out.indexOf("\n")
        if (end >= 0) done({ kind: "reply", reply: JSON.parse(out.slice(0, end)) })
      })
      child.stderr.on("data", (text) => (err += text))
      child.on("close", (code, signal) =>
        done({ kind: "over", why: "end", detail: `ended with ${code ?? signal}: ${err.trim().slice(-300)}` })
      )
      child.stdin.write(`${JSON.stringify(question)}\n`)
    })
  }

  end(): void {
    this.#child?.kill("SIGKILL")
  }

  #start() {
    return spawn(
      process.execPath,
      [`--max-old-space-size=${this.#limits.mebibytes}`, process.argv[1]!, this.#option],
      { stdio: ["pipe", "pipe", "pipe"] }
    )
  }
}

const residentMebibytes = (pid: number | undefined): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1")
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
