/** SIGINT and SIGTERM as requests to stop, while an effect runs. */
import * as Effect from "effect/Effect"

const signals = ["SIGINT", "SIGTERM"] as const

export const withSignals =
  (onSignal: (signal: string) => void) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        for (const signal of signals) process.on(signal, onSignal)
      }),
      () => self,
      () =>
        Effect.sync(() => {
          for (const signal of signals) process.off(signal, onSignal)
        })
    )
