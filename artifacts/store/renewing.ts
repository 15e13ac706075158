/**
 * Renews files (leases, presences) by writing their first bytes again, from a thread of its own: a stage that computes
 * for minutes without a pause holds up the main thread, not the renewals. Each is flushed, so that a network file
 * system shows it to others. The thread keeps no process alive.
 */
import * as fs from "node:fs"
import { Worker } from "node:worker_threads"
import { renewal } from "./liveness.ts"

interface File {
  readonly path: string
  /** What the file begins with, the owner's token in it: a file that begins otherwise is another's by now. */
  readonly text: string
  readonly lost: () => void
}

const files = new Map<number, File>()
let next = 0
let thread: Worker | undefined
let timer: NodeJS.Timeout | undefined

/** Until the returned function is called. `lost` is called once if the file is gone or another's. */
export const keepRenewed = (path: string, text: string, lost: () => void = () => undefined): (() => void) => {
  const id = next++
  files.set(id, { path, text, lost })
  if (timer === undefined) {
    thread ??= start()
    tell({ id, path, text })
  }
  return () => {
    if (files.delete(id)) tell({ id })
  }
}

const tell = (message: { readonly id: number; readonly path?: string; readonly text?: string }): void => {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  thread?.postMessage(message)
}

// Plain JavaScript: the program is bundled, and a thread cannot be started from its middle otherwise.
const program = `
  const { parentPort } = require("node:worker_threads")
  const fs = require("node:fs")
  const files = new Map()
  const renew = ({ path, text }) => {
    const bytes = Buffer.from(text)
    const file = fs.openSync(path, "r+")
    try {
      const found = Buffer.alloc(bytes.length)
      if (fs.readSync(file, found, 0, bytes.length, 0) < bytes.length || !found.equals(bytes)) return false
      fs.writeSync(file, bytes, 0, bytes.length, 0)
      fs.fsyncSync(file)
      return true
    } finally {
      fs.closeSync(file)
    }
  }
  parentPort.on("message", (file) => {
    if (file.path === undefined) files.delete(file.id)
    else files.set(file.id, file)
  })
  setInterval(() => {
    for (const [id, file] of files) {
      let kept = true
      try {
        kept = renew(file)
      } catch (error) {
        // Anything else: the file system is away, and the next renewal may succeed.
        kept = error.code !== "ENOENT"
      }
      if (kept) continue
      files.delete(id)
      parentPort.postMessage(id)
    }
  }, ${renewal})
`

const start = (): Worker | undefined => {
  try {
    const worker = new Worker(program, { eval: true, execArgv: [], stdout: false, stderr: false })
    worker.on("message", (id: number) => {
      const file = files.get(id)
      files.delete(id)
      file?.lost()
    })
    worker.on("error", renewHere)
    worker.unref()
    return worker
  } catch {
    renewHere()
    return undefined
  }
}

/** Where no thread can be had: better late than not at all. */
const renewHere = (): void => {
  thread = undefined
  timer ??= setInterval(() => {
    for (const { path, text } of files.values()) {
      try {
        const file = fs.openSync(path, "r+")
        try {
          const found = Buffer.alloc(Buffer.byteLength(text))
          fs.readSync(file, found, 0, found.length, 0)
          if (found.toString("utf8") === text) fs.writeSync(file, text, 0)
        } finally {
          fs.closeSync(file)
        }
      } catch {
        // As in the thread.
      }
    }
  }, renewal).unref()
}
