/**
 * WebAssembly kernels over one shared memory, run by this thread and by worker threads.
 *
 * A call is split into chunks of rows that are fixed by the shapes. Threads take chunks as they come free; a chunk's
 * result does not depend on who computes it, so any number of threads gives the same bytes.
 *
 * Control block (int32): 0 generation, 1 next chunk, 2 threads that finished, 3 kernels of the call, 4 chunks, then kernel
 * and arguments of each; then 0, or 1 + the length of the message of a thread that failed, and the message.
 *
 * A kernel that traps, on whatever thread, and a thread that ends by itself make the call fail, and every later one with
 * the same message: what is in the shared memory then is not known.
 */
import { readFile } from "node:fs/promises"
import { StageFailure } from "../../schemas/errors.ts"
import { compileKernels } from "./relaxedSimd.ts"
import { startThread } from "./thread.ts"
import type { Thread } from "./thread.ts"

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

/** Where the control block tells of a failure, in words, and its message, in bytes. */
const faultAt = 5 + 2 * mostLinks
const textAt = 4 * (faultAt + 1)
const textLength = 1024

/** How long the main thread sleeps before it looks whether the others still live, in milliseconds. */
const patience = 100

/** A piece of the shared memory: `address` in bytes, `length` in 4-byte entries. */
export interface Block {
  readonly address: number
  readonly length: number
}

export class KernelPool {
  private readonly memory: WebAssembly.Memory
  private readonly kernels: Array<Kernel>
  private readonly threads: ReadonlyArray<Thread>
  private readonly control: Int32Array<SharedArrayBuffer>
  private readonly free = new Map<number, Array<number>>()
  private top: number
  /** Once set, no call runs any more. */
  private failure: StageFailure | undefined
  /** The call that is running, or the last one: calls take turns. */
  private turn: Promise<unknown> = Promise.resolve()

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
    const control = new Int32Array(new SharedArrayBuffer(textAt + textLength))
    const shared = { module, memory, control: control.buffer, faultAt, textAt, names: kernelNames }
    const started = await Promise.allSettled(
      Array.from({ length: threads - 1 }, (_, i) => startThread({ ...shared, stack: (i + 3) * STACK }))
    )
    const others = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))
    const refused = started.find((each) => each.status === "rejected")
    if (refused !== undefined) {
      await Promise.all(others.map(({ close }) => close()))
      throw refused.reason
    }
    const kernels = kernelNames.map((name) => exports[name] as unknown as Kernel)
    return new KernelPool(memory, kernels, others, control)
  }

  /** Zeroed room for `length` 4-byte entries. */
  allocate(length: number): Block {
    if (!Number.isSafeInteger(length) || length < 0)
      throw new RangeError(`A kernel cannot have ${length} entries.`)
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
        needed > 4096
          ? `The kernels need ${needed} MiB, and WebAssembly addresses 4,096: use a smaller dictionary, or a GPU (--device cuda).`
          : `The kernels need ${needed} MiB, which this machine does not give: free some memory, or use a smaller dictionary.`
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

  /** Adds a kernel made at run time (its export is `run`); other threads take it when they first need it. */
  add(bytes: Uint8Array<ArrayBuffer>): number {
    const module = compileKernels(bytes)
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } })
    this.kernels.push(exports.run as unknown as Kernel)
    for (const { modules } of this.threads) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
      modules.postMessage(module)
    }
    return this.kernels.length - 1
  }

  /**
   * Runs kernels over chunks, all of them on a chunk before the next, and resolves when all is done: a later kernel may read
   * what the earlier ones wrote for the same chunk. This thread does its share; first, while the others have begun, it does
   * `meanwhile`. Rejects where a kernel traps or a thread has ended.
   */
  run(links: ReadonlyArray<Link>, chunks: number, meanwhile?: () => void): Promise<void> {
    const call = this.turn.then(() => this.call(links, chunks, meanwhile))
    this.turn = call.catch(() => undefined)
    return call
  }

  private async call(
    links: ReadonlyArray<Link>,
    chunks: number,
    meanwhile: (() => void) | undefined
  ): Promise<void> {
    const calls = links.map(({ arguments: { address }, which }) => {
      return [typeof which === "number" ? which : kernelNames.indexOf(which), address] as const
    })
    if (calls.length > mostLinks) throw new Error(`a call chains ${mostLinks} kernels, not ${calls.length}`)
    this.look()
    if (this.failure !== undefined) throw this.failure
    const shared = chunks > 1 && this.threads.length > 0
    if (shared) this.announce(calls, chunks)
    try {
      meanwhile?.()
      let taken = 0
      for (;;) {
        const chunk = shared ? Atomics.add(this.control, 1, 1) : taken++
        if (chunk >= chunks) break
        for (const [kernel, address] of calls) this.kernels[kernel]!(address, chunk)
      }
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error))
      Atomics.store(this.control, 1, chunks)
    }
    if (shared) await this.join()
    if (this.failure !== undefined) throw this.failure
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

  /**
   * Waits until every other thread has finished, or one has ended. This thread sleeps, and hears nothing of a thread that
   * ended while it does; so it wakes now and then, and lets such news in.
   */
  private async join(): Promise<void> {
    for (;;) {
      const finished = Atomics.load(this.control, 2)
      if (finished >= this.threads.length) break
      if (this.look()) return
      if (Atomics.wait(this.control, 2, finished, patience) === "timed-out") {
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const told = Atomics.load(this.control, faultAt)
    if (told > 0)
      this.fail(new TextDecoder().decode(new Uint8Array(this.control.buffer, textAt, told - 1).slice()))
  }

  /** Whether a thread has ended, as far as is known. */
  private look(): boolean {
    const ended = this.threads.find((thread) => thread.ended() !== undefined)
    if (ended !== undefined) this.fail(`a thread ended (${ended.ended()})`)
    return ended !== undefined
  }

  private fail(why: string): void {
    this.failure ??= new StageFailure({
      what: `A kernel failed: ${why}.`,
      next: "run the same command again; if it fails again, '--backend reference' or '--device cuda' do without kernels"
    })
  }

  async close(): Promise<void> {
    this.fail("its threads are closed")
    await Promise.all(this.threads.map(({ close }) => close()))
  }
}
