/**
 * SIGINT, SIGTERM and SIGHUP as requests to stop, while an effect runs.
 *
 * A hangup that was to be ignored is ignored. Node resets every signal when it starts, so that `nohup` leaves no trace in
 * the process itself; it is known by the name that shells hand on in `_`, or by a parent that ignores hangups (`trap ''
 * HUP`, a script under nohup), which Linux tells. Elsewhere a hangup stops a run as SIGTERM does: its state is saved.
 */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Whether Linux says of a process that it ignores SIGHUP, which is signal 1. */
const ignoresHangup = (process: string): boolean => {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${process}/status`, "utf8"))?.[1]
    return mask !== undefined && (BigInt(`0x${mask}`) & 1n) === 1n
  } catch {
    return false
  }
}

/** Whether this process was started so as to outlive its terminal. */
export const outlivesTerminal = (): boolean =>
  /(^|\/)nohup$/.test(process.env._ ?? "") || ignoresHangup("self") || ignoresHangup(String(process.ppid))

/** Calls `onSignal` for each signal; a hangup asks once, as closing a terminal often sends it twice. */
export const withSignals =
  (onSignal: (signal: string) => void) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const outlives = outlivesTerminal()
      let asked = false
      let hungUp = false
      const listener = (signal: string): void => {
        if (signal === "SIGHUP" && (outlives || asked)) return
        asked = true
        hungUp = signal === "SIGHUP"
        onSignal(signal)
      }
      return Effect.acquireUseRelease(
        Effect.sync(() => {
          for (const signal of signals) process.on(signal, listener)
        }),
        () => self,
        () =>
          Effect.sync(() => {
            for (const signal of signals) process.off(signal, listener)
            // Its second one may come while the command says how it ended.
            if (hungUp) process.on("SIGHUP", () => undefined)
          })
      )
    })
