/** A live table on a terminal: one row a running node with a bar and the time it still needs, redrawn in place. */
import type { RunEvent } from "../../engine/run/events.ts"
import { duration, put } from "../output.ts"
import { visibleCell } from "../visible.ts"
import { eventLine } from "./lines.ts"
import type { ActiveNode, ProgressState } from "./state.ts"
import { initial, remainingOf, step } from "./state.ts"

const barWidth = 20
const interval = 100

const bar = (share: number): string => {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * barWidth * 8)
  const full = Math.floor(eighths / 8)
  const part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]!
  return `${"█".repeat(full)}${part}`.padEnd(barWidth, "░")
}

const row = (active: ActiveNode, now: number, nameWidth: number): string => {
  const elapsed = (now - active.since) / 1000
  if (active.waiting) return `  ${active.node.padEnd(nameWidth)}  waiting for another run`
  const remaining = remainingOf(active, now)
  const share =
    active.total > 0
      ? active.done / active.total
      : remaining === null
        ? 0
        : elapsed / Math.max(1e-9, elapsed + remaining)
  const left = remaining === null ? "" : `  ${duration(remaining)} left`
  return `  ${active.node.padEnd(nameWidth)}  ${bar(share)}  ${duration(elapsed)}${left}${active.note === null ? "" : `  ${active.note}`}`
}

/** The table for a moment; pure, so that it can be tested. */
export const table = (state: ProgressState, now: number, width: number): ReadonlyArray<string> => {
  const active = [...state.active.values()]
  const nameWidth = Math.max(...active.map((node) => node.node.length), 8)
  const left = [...active].map((node) => remainingOf(node, now))
  const known = left.every((seconds) => seconds !== null) && state.expectedSeconds !== null
  const total = known
    ? Math.max(
        state.expectedSeconds! -
          state.finishedSeconds -
          active.reduce((sum, node) => sum + (now - node.since) / 1000, 0),
        ...(left as Array<number>),
        0
      )
    : null
  return [
    ...active.map((node) => row(node, now, nameWidth)),
    `${state.finished}/${state.nodes} nodes  ${duration((now - state.started) / 1000)}${total === null ? "" : `  about ${duration(total)} left`}${state.failed > 0 ? `  ${state.failed} failed` : ""}`
  ].map((line) => [...visibleCell(line)].slice(0, Math.max(20, width - 1)).join(""))
}

/** Draws on `stream`; `stop` leaves the log lines and removes the table. */
export const live = (stream: NodeJS.WriteStream) => {
  let state = initial
  let drawn = 0
  const clear = () => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`)
    drawn = 0
  }
  const draw = () => {
    clear()
    if (state.run === "") return
    const lines = table(state, Date.now(), stream.columns ?? 80).slice(-Math.max(2, (stream.rows ?? 24) - 2))
    stream.write(`${lines.join("\n")}\n`)
    drawn = lines.length
  }
  const timer = setInterval(draw, interval)
  timer.unref()
  return {
    onEvent: (event: RunEvent): void => {
      state = step(state, event)
      const text = event.type === "NodeStarted" ? undefined : eventLine(event)
      if (text === undefined) return
      clear()
      put(stream, `${text}\n`)
      draw()
    },
    stop: (): void => {
      clearInterval(timer)
      clear()
    }
  }
}
