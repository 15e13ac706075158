/** The PyTorch process: one line of JSON in, one out. */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Settings } from "./cases.ts"

export interface Answer {
  readonly seconds: ReadonlyArray<number>
  readonly losses: ReadonlyArray<number>
}

export interface Peer {
  readonly version: string
  readonly run: (request: {
    readonly case: string
    readonly steps: number
    readonly gradients?: string
    readonly drop?: boolean
  }) => Promise<Answer>
  readonly close: () => void
}

/** Starts Debian's python3 with PyTorch. Rejects with what to install where it is missing. */
export const startPeer = async (settings: Settings): Promise<Peer> => {
  const threads = String(settings.threads)
  const child = spawn("/usr/bin/python3", [fileURLToPath(new URL("./peer.py", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads }
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error("PyTorch is not there: apt-get install -y python3-torch python3-numpy")
    return JSON.parse(value as string)
  }
  child.stdin.write(`${JSON.stringify(settings)}\n`)
  const { version } = (await next()) as { readonly version: string }
  return {
    version,
    run: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return (await next()) as Answer
    },
    close: () => void child.kill()
  }
}
