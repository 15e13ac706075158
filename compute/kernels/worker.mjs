/**
 * A kernel thread: sleeps until the control block announces a call, takes chunks of it until none is left, and says so.
 * Whatever a kernel throws, a trap included, is written into the control block, and the thread counts as finished: the
 * thread that waits for it must hear of it. Plain JavaScript, so that Node runs it as it is. `KernelPool.ts` is the other
 * side and explains the control block.
 */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads"

const { module, memory, control: buffer, faultAt, textAt, stack, names, modules } = workerData
const control = new Int32Array(buffer)
const { exports } = new WebAssembly.Instance(module, { env: { memory } })
exports.__stack_pointer.value = stack
const functions = names.map((name) => exports[name])

/** A kernel by its number. This thread never returns to its event loop, so it asks for modules that were made since. */
const kernel = (number) => {
  while (functions.length <= number) {
    const sent = receiveMessageOnPort(modules)
    if (sent === undefined) throw new Error(`kernel ${number} has not reached the thread`)
    functions.push(new WebAssembly.Instance(sent.message, { env: { memory } }).exports.run)
  }
  return functions[number]
}

const work = () => {
  const links = Atomics.load(control, 3)
  const chunks = Atomics.load(control, 4)
  const calls = Array.from({ length: links }, (_, i) => [
    kernel(Atomics.load(control, 5 + 2 * i)),
    Atomics.load(control, 6 + 2 * i)
  ])
  for (;;) {
    const chunk = Atomics.add(control, 1, 1)
    if (chunk >= chunks) break
    for (const [run, argumentsAt] of calls) run(argumentsAt, chunk)
  }
}

/** The first thread that fails leaves its message; nobody takes another chunk. */
const report = (error) => {
  Atomics.store(control, 1, Atomics.load(control, 4))
  if (Atomics.compareExchange(control, faultAt, 0, -1) !== 0) return
  const text = new TextEncoder().encode(error instanceof Error ? error.message : String(error))
  const room = new Uint8Array(buffer, textAt)
  const length = Math.min(text.length, room.length)
  room.set(text.subarray(0, length))
  Atomics.store(control, faultAt, length + 1)
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort.postMessage("ready")

let seen = 0
for (;;) {
  Atomics.wait(control, 0, seen)
  seen = Atomics.load(control, 0)
  try {
    work()
  } catch (error) {
    report(error)
  }
  Atomics.add(control, 2, 1)
  Atomics.notify(control, 2)
}
