/** The PyTorch process: one line of JSON in, one out. */
import { spawn, spawnSync } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Settings } from "./inputs.ts"

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

const interpreters = ["/usr/bin/python3", "python3"]

/** A Python that has PyTorch; Debian's, if it does. */
const withTorch = (): string | undefined =>
  interpreters.find((python) => spawnSync(python, ["-c", "import numpy, torch"]).status === 0)

const absent = "no python3 here has PyTorch: apt-get install -y python3-torch python3-numpy"

/** Why there is no peer on this machine, if there is none. */
export const peerAbsent = (): string | undefined => (withTorch() === undefined ? absent : undefined)

/** Starts Python with PyTorch. Rejects with what to install where it is missing. */
export const startPeer = async (settings: Settings): Promise<Peer> => {
  const threads = String(settings.threads)
  const python = withTorch()
  if (python === undefined) throw new Error(absent)
  const child = spawn(python, [fileURLToPath(new URL("./peer.py", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads }
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error("the PyTorch process ended; what it said is above")
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
