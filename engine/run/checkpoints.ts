/**
 * The `Checkpoint` service of one node: states under `<store>/checkpoints/<fingerprint>/`, written when it is time to,
 * the newest two kept, dropped when the node's record is durable.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { errnoOf, isDamage, unreadable, unwritable } from "../../artifacts/failures.ts"
import { temporaryPath } from "../../artifacts/store/durable.ts"
import type { Checkpoint, State } from "../services/Checkpoint.ts"
import { readState, writeState } from "./checkpointFile.ts"
import type { Stop } from "./Stop.ts"

const pattern = /^(\d{8})-([0-9a-f]{32})\.safetensors$/

/** Saving takes at most this share of the time between saves. */
const mostOverhead = 1 / 20

const folderOf = (storeRoot: string, fingerprint: string): string =>
  join(storeRoot, "checkpoints", fingerprint)

/** Empty where there is no folder, or something in its place that cannot be listed: then there are no states. */
const namesIn = (folder: string): ReadonlyArray<string> => {
  // Most stages have none: looking is much cheaper than failing.
  if (!existsSync(folder)) return []
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Newest first. */
const saved = (
  folder: string
): ReadonlyArray<{ readonly path: string; readonly number: number; readonly digest: string }> => {
  return namesIn(folder)
    .flatMap((name) => {
      const match = pattern.exec(name)
      return match === null ? [] : [{ path: join(folder, name), number: Number(match[1]), digest: match[2]! }]
    })
    .sort((a, b) => b.number - a.number)
}

/** Removes what a killed process of an earlier version left half written. Only the holder of the node's lease comes here. */
const removeTorn = (folder: string): void => {
  for (const name of namesIn(folder)) if (name.endsWith(".tmp")) remove(join(folder, name))
}

/** Whatever it is; what cannot be removed is left over and harmless. */
const remove = (path: string): void => {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // Left over.
  }
}

/** A folder to save in: what else is in its place is no checkpoint, and goes. */
const makeFolder = (folder: string): void => {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(folder, { force: true })
  mkdirSync(folder, { recursive: true })
}

/** Undefined where the state is damaged or cannot be read: the stage then starts from an older one, or from the start. */
const stateIn = (path: string, digest: string): Required<State> | undefined => {
  try {
    return readState(path, digest)
  } catch (error) {
    if (isDamage(error) || errnoOf(error) === "ENOENT") return undefined
    throw error
  }
}

export const hasCheckpoint = (storeRoot: string, fingerprint: string): boolean =>
  saved(folderOf(storeRoot, fingerprint)).length > 0

export const dropCheckpoints = (storeRoot: string, fingerprint: string): void => {
  const folder = folderOf(storeRoot, fingerprint)
  // The record is there, and nothing will look.
  if (existsSync(folder)) remove(folder)
}

export const makeCheckpoint = (options: {
  readonly storeRoot: string
  readonly fingerprint: string
  readonly seconds: number
  readonly stop: Stop
  /** Called once, when the stage first loads or offers: from then on a stop waits for the next offer. */
  readonly onUse: () => void
  /** Called after a state was saved because of a stop; the stage is interrupted next. */
  readonly onStopped: () => void
}): Checkpoint["Service"] => {
  const folder = folderOf(options.storeRoot, options.fingerprint)
  let number = 1
  let due = performance.now() + options.seconds * 1000
  let used = false
  const use = (): void => {
    if (used) return
    used = true
    number = 1 + (saved(folder)[0]?.number ?? 0)
    removeTorn(folder)
    options.onUse()
  }

  const save = (state: State): void => {
    const begin = performance.now()
    makeFolder(folder)
    const name = String(number++).padStart(8, "0")
    const tmp = join(options.storeRoot, "tmp")
    mkdirSync(tmp, { recursive: true })
    const temporary = temporaryPath(tmp)
    try {
      writeState(temporary, (digest) => join(folder, `${name}-${digest}.safetensors`), state)
    } finally {
      rmSync(temporary, { force: true })
    }
    for (const old of saved(folder).slice(2)) remove(old.path)
    const end = performance.now()
    due = end + (options.seconds === 0 ? 0 : Math.max(options.seconds * 1000, (end - begin) / mostOverhead))
  }

  return {
    load: Effect.try({
      try: () => {
        use()
        for (const { path, digest } of saved(folder)) {
          const state = stateIn(path, digest)
          if (state !== undefined) return Option.some(state)
          // No state: the next attempt and the plan are not to count on it.
          remove(path)
        }
        return Option.none()
      },
      catch: unreadable(folder)
    }),
    offer: (state) =>
      Effect.suspend(() => {
        use()
        const stopping = options.stop.level > 0
        if (!stopping && performance.now() < due) return Effect.void
        const saving = Effect.tryPromise({
          try: async () => save(await state()),
          catch: unwritable(folder)
        })
        return stopping
          ? saving.pipe(Effect.andThen(Effect.sync(options.onStopped)), Effect.andThen(Effect.interrupt))
          : saving
      })
  }
}
