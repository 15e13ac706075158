/**
 * This machine: light stages run in this process, `isolated` ones in a process of their own, so that one crash fails
 * one node and cores are used in parallel.
 */
import * as Effect from "effect/Effect"
import type { Executor } from "./Executor.ts"

export interface LocalOptions {
  /** Cores to keep busy. */
  readonly jobs: number
  /** Bytes of memory to plan with; default: the machine's. */
  readonly memoryBytes?: number
  /** Graphics cards; default 0, or 1 where the backend's device is one. */
  readonly gpus?: number
  /**
   * How to start a process that calls `workerMain`. `request` is any JSON: it reaches the process, which rebuilds the
   * graph from it. Without it every stage runs in this process.
   */
  readonly worker?: {
    readonly command: string
    readonly args: ReadonlyArray<string>
    readonly request: unknown
  }
}

export const local = (options: LocalOptions): Executor => ({
  name: "local",
  capacity: { cpu: options.jobs, memoryBytes: options.memoryBytes ?? 1, gpu: options.gpus ?? 0 },
  execute: () => Effect.die("not built yet")
})
