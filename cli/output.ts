/**
 * How results and errors are written: text for people, one JSON object for programs. Whatever reaches a standard stream
 * goes through here, so that no control character of the data does.
 */
import * as Effect from "effect/Effect"
import type * as GlobalFlag from "effect/cli/GlobalFlag"
import { Json } from "./globals.ts"
import { json, visible, visibleCell } from "./visible.ts"

/** Writes `text` without waiting, control characters made visible. */
export const put = (stream: NodeJS.WriteStream, text: string): void => void stream.write(visible(text))

/** As `put`, waiting for a slow reader; a reader that left early (`| head`) is not an error. */
export const write = (stream: NodeJS.WriteStream, text: string): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    stream.write(visible(text), () => resume(Effect.void))
  })

export const line = (text: string): Effect.Effect<void> => write(process.stdout, `${text}\n`)

/** Prints `value` as JSON under `--json`, otherwise the text. */
export const result = (
  value: unknown,
  text: () => string
): Effect.Effect<void, never, GlobalFlag.Setting.Identifier<"json">> =>
  Effect.flatMap(Json, (asJson) => line(asJson ? json(value) : text()))

/** Columns padded to equal width; the last one runs free. */
export const columns = (given: ReadonlyArray<ReadonlyArray<string>>, gap = "  "): string => {
  const rows = given.map((row) => row.map(visibleCell))
  const widths: Array<number> = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)))
        .join(gap)
        .trimEnd()
    )
    .join("\n")
}

/** `0.42 s`, `3 min 05 s`, `2 h 10 min`. */
export const duration = (seconds: number): string => {
  if (seconds < 10) return `${seconds.toFixed(2)} s`
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`
}

/** `812 B`, `1.2 MB`. */
export const bytes = (count: number): string => {
  const units = ["B", "kB", "MB", "GB", "TB"]
  let value = count
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`
}

/** Twelve digits are enough to name an artifact, a record or a run anywhere on the command line. */
export const short = (digest: string): string => digest.slice(0, 12)
