/**
 * WebAssembly kernels over one shared memory, run by this thread and by worker threads.
 *
 * A call is split into chunks of rows that are fixed by the shapes. Threads take chunks as they come free; a chunk's
 * result does not depend on who computes it, so any number of threads gives the same bytes.
 *
 * Control block (int32): 0 generation, 1 next chunk, 2 threads that finished, 3 kernels of the call (0: take new modules),
 * 4 chunks, then kernel and arguments of each.
 */
import { readFile } from "node:fs/promises"
import { MessageChannel, Worker } from "node:worker_threads"
import type { MessagePort } from "node:worker_threads"
import { compileKernels } from "./relaxedSimd.ts"

export const kernelNames = ["sparseMatmul", "sampledDot", "buckets", "sparseAdam"] as const
export type KernelName = (typeof kernelNames)[number]

type Kernel = (argumentsAt: number, chunk: number) => void

const PAGE = 65_536
/** Stacks lie below the heap, one a thread. */
const STACK = 65_536

/** A kernel and its argument block. */
export interface Link {
  readonly which: KernelName | number
  readonly arguments: Block
}

/** Kernels that a call may chain. */
const mostLinks = 6

/** A piece of the shared memory: `address` in bytes, `length` in 4-byte entries. */
export interface Block {
  readonly address: number
  readonly length: number
}

interface Thread {
  readonly worker: Worker
  /** Takes modules made later to the thread. */
  readonly modules: MessagePort
}

const startThread = (data: object): Promise<Thread> =>
  new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(new URL("./worker.mjs", import.meta.url), {
      workerData: { ...data, modules: port2 },
      transferList: [port2]
    })
    worker.once("message", () => {
      // Asleep between calls, and no reason for the process to stay.
      worker.unref()
      port1.unref()
      resolve({ worker, modules: port1 })
    })
    worker.once("error", reject)
  })

export class KernelPool {
  private readonly memory: WebAssembly.Memory
  private readonly kernels: Array<Kernel>
  private readonly threads: ReadonlyArray<Thread>
  private readonly control: Int32Array<SharedArrayBuffer>
  private readonly free = new Map<number, Array<number>>()
  private top: number

  private constructor(
    memory: WebAssembly.Memory,
    kernels: Array<Kernel>,
    threads: ReadonlyArray<Thread>,
    control: Int32Array<SharedArrayBuffer>
  ) {
    this.memory = memory
    this.kernels = kernels
    this.threads = threads
    this.control = control
    this.top = STACK * (threads.length + 2)
  }

  /** Loads the kernels and starts `threads` − 1 workers. */
  static async make(threads: number): Promise<KernelPool> {
    const bytes = await readFile(new URL("./sparse.wasm", import.meta.url))
    const module = compileKernels(new Uint8Array(bytes))
    const initial = threads + 16
    const memory = new WebAssembly.Memory({ initial, maximum: 65_536, shared: true })
    const { exports } = new WebAssembly.Instance(module, { env: { memory } })
    ;(exports.__stack_pointer as WebAssembly.Global).value = 2 * STACK
    const control = new Int32Array(new SharedArrayBuffer(4 * (5 + 2 * mostLinks)))
    const others = await Promise.all(
      Array.from({ length: threads - 1 }, (_, i) =>
        startThread({ module, memory, control: control.buffer, stack: (i + 3) * STACK, names: kernelNames })
      )
    )
    const kernels = kernelNames.map((name) => exports[name] as unknown as Kernel)
    return new KernelPool(memory, kernels, others, control)
  }

  /** Zeroed room for `length` 4-byte entries. */
  allocate(length: number): Block {
    const bytes = Math.ceil((length * 4) / 64) * 64
    const address = this.free.get(bytes)?.pop() ?? this.reserve(bytes)
    const block = { address, length }
    this.floats(block).fill(0)
    return block
  }

  /** The address of new room. */
  private reserve(bytes: number): number {
    const address = this.top
    const missing = address + bytes - this.memory.buffer.byteLength
    try {
      if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE))
    } catch {
      const needed = Math.ceil((address + bytes) / 2 ** 20)
      throw new Error(
        `The kernels need ${needed} MiB, and WebAssembly addresses 4,096: use a smaller dictionary, or a GPU (--device cuda).`
      )
    }
    this.top += bytes
    return address
  }

  release(block: Block): void {
    const bytes = Math.ceil((block.length * 4) / 64) * 64
    const list = this.free.get(bytes) ?? []
    list.push(block.address)
    this.free.set(bytes, list)
  }

  floats({ address, length }: Block): Float32Array {
    return new Float32Array(this.memory.buffer, address, length)
  }

  integers({ address, length }: Block): Int32Array {
    return new Int32Array(this.memory.buffer, address, length)
  }

  /** Adds a kernel made at run time (its export is `run`) on every thread; returns its number. */
  add(bytes: Uint8Array<ArrayBuffer>): number {
    const module = compileKernels(bytes)
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } })
    this.kernels.push(exports.run as unknown as Kernel)
    for (const { modules } of this.threads) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
      modules.postMessage(module)
    }
    if (this.threads.length > 0) {
      this.announce([], 0)
      this.join()
    }
    return this.kernels.length - 1
  }

  private announce(links: ReadonlyArray<readonly [kernel: number, address: number]>, chunks: number): void {
    const { control } = this
    Atomics.store(control, 1, 0)
    Atomics.store(control, 2, 0)
    Atomics.store(control, 3, links.length)
    Atomics.store(control, 4, chunks)
    links.flat().forEach((value, i) => Atomics.store(control, 5 + i, value))
    Atomics.add(control, 0, 1)
    Atomics.notify(control, 0)
  }

  /** Waits until every other thread has finished. */
  private join(): void {
    for (;;) {
      const finished = Atomics.load(this.control, 2)
      if (finished >= this.threads.length) return
      Atomics.wait(this.control, 2, finished, 1000)
    }
  }

  /**
   * Runs kernels over chunks, all of them on a chunk before the next, and returns when all is done: a later kernel may read
   * what the earlier ones wrote for the same chunk. Blocks this thread, which does its share; first, while the others have
   * begun, it does `meanwhile`.
   */
  run(links: ReadonlyArray<Link>, chunks: number, meanwhile?: () => void): void {
    const calls = links.map(({ arguments: { address }, which }) => {
      return [typeof which === "number" ? which : kernelNames.indexOf(which), address] as const
    })
    if (calls.length > mostLinks) throw new Error(`a call chains ${mostLinks} kernels, not ${calls.length}`)
    const shared = chunks > 1 && this.threads.length > 0
    if (shared) this.announce(calls, chunks)
    meanwhile?.()
    let taken = 0
    for (;;) {
      const chunk = shared ? Atomics.add(this.control, 1, 1) : taken++
      if (chunk >= chunks) break
      for (const [kernel, address] of calls) this.kernels[kernel]!(address, chunk)
    }
    if (shared) this.join()
  }

  async close(): Promise<void> {
    for (const { modules } of this.threads) modules.close()
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()))
  }
}
