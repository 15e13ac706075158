/**
 * This machine: light stages run in this process, `isolated` ones in a process of their own, so that one crash fails
 * one node and cores are used in parallel.
 */
import { totalmem } from "node:os"
import { executeNode } from "../run/executeNode.ts"
import type { WorkerCommand } from "./child.ts"
import { executeInChild } from "./child.ts"
import type { Executor } from "./Executor.ts"

export interface LocalOptions {
  /** Cores to keep busy. */
  readonly jobs: number
  /** Bytes of memory to plan with; default: the machine's. */
  readonly memoryBytes?: number
  /** Graphics cards; default 0. */
  readonly gpus?: number
  /** How to start a process that calls `workerMain`. Without it every stage runs in this process. */
  readonly worker?: WorkerCommand
}

export const local = ({ jobs, memoryBytes, gpus, worker }: LocalOptions): Executor => ({
  name: "local",
  capacity: { cpu: jobs, memoryBytes: memoryBytes ?? totalmem(), gpu: gpus ?? 0 },
  execute: (task, hooks) =>
    worker !== undefined && task.node.stage.isolated
      ? executeInChild(worker, task, hooks)
      : executeNode(task, hooks)
})
