/** A process that reads accepted files again (`judge.ts`, `judge.py`), asked one file after another; started again where it dies. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process"
import { createInterface } from "node:readline"
import type { Request, Verdict } from "./judge.ts"

const patience = 20_000

export class JudgeProcess {
  readonly #command: ReadonlyArray<string>
  #process: ChildProcessWithoutNullStreams | undefined
  #waiting: ((verdict: Verdict) => void) | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(command: ReadonlyArray<string>) {
    this.#command = command
  }

  /** One at a time, in order. */
  ask(request: Request): Promise<Verdict> {
    const answer = this.#last.then(() => this.#one(request))
    this.#last = answer
    return answer
  }

  #one(request: Request): Promise<Verdict> {
    return new Promise((resolve) => {
      const running = (this.#process ??= this.#start())
      const timer = setTimeout(() => running.kill("SIGKILL"), patience)
      this.#waiting = (verdict) => {
        clearTimeout(timer)
        this.#waiting = undefined
        resolve(verdict.input === -1 ? { ...verdict, input: request.input } : verdict)
      }
      running.stdin.write(`${JSON.stringify(request)}\n`)
    })
  }

  #start(): ChildProcessWithoutNullStreams {
    const [command, ...args] = this.#command
    const running = spawn(command!, args)
    running.stdin.on("error", () => undefined)
    running.stderr.resume()
    createInterface({ input: running.stdout }).on("line", (line) =>
      this.#waiting?.(JSON.parse(line) as Verdict)
    )
    running.on("close", () => {
      this.#process = undefined
      this.#waiting?.({ input: -1, verdict: "refuses", detail: "the judge ended, or did not answer" })
    })
    return running
  }

  async close(): Promise<void> {
    await this.#last
    this.#process?.stdin.end()
  }
}
