/**
 * A kernel thread: sleeps until the control block announces a call, takes chunks of it until none is left, and says so.
 * Plain JavaScript, so that Node runs it as it is. `KernelPool.ts` is the other side and explains the control block.
 */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads"

const { module, memory, control: buffer, stack, names, modules } = workerData
const control = new Int32Array(buffer)
const { exports } = new WebAssembly.Instance(module, { env: { memory } })
exports.__stack_pointer.value = stack
const functions = names.map((name) => exports[name])
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort.postMessage("ready")

let seen = 0
for (;;) {
  Atomics.wait(control, 0, seen)
  seen = Atomics.load(control, 0)
  const links = Atomics.load(control, 3)
  if (links === 0) {
    // Modules that were made since: this thread never returns to its event loop, so it asks for them.
    for (let message = receiveMessageOnPort(modules); message; message = receiveMessageOnPort(modules)) {
      functions.push(new WebAssembly.Instance(message.message, { env: { memory } }).exports.run)
    }
  } else {
    const chunks = Atomics.load(control, 4)
    const calls = Array.from({ length: links }, (_, i) => [
      functions[Atomics.load(control, 5 + 2 * i)],
      Atomics.load(control, 6 + 2 * i)
    ])
    for (;;) {
      const chunk = Atomics.add(control, 1, 1)
      if (chunk >= chunks) break
      for (const [run, argumentsAt] of calls) run(argumentsAt, chunk)
    }
  }
  Atomics.add(control, 2, 1)
  Atomics.notify(control, 2)
}
