/** Options every command takes. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import { resolve } from "node:path"

/** `--json`: one documented object on standard output (JSON lines for `run`), nothing else there. */
export const Json = GlobalFlag.Setting("json")({
  flag: Flag.Boolean("json").pipe(
    Flag.withDescription("print JSON on standard output: one object, or one a line for 'run'"),
    Flag.withDefault(false)
  )
})

/** `--store`: where artifacts, records and runs are kept. */
export const StoreFolder = GlobalFlag.Setting("store")({
  flag: Flag.String("store").pipe(
    Flag.withMetavar("dir"),
    Flag.withDescription("the store's folder; default ASTERISM_STORE, else ./.asterism"),
    Flag.optional
  )
})

/** The store's folder as an absolute path. */
export const storeRoot: Effect.Effect<string, never, GlobalFlag.Setting.Identifier<"store">> = Effect.map(
  StoreFolder,
  (given) => resolve(Option.getOrElse(given, () => process.env.ASTERISM_STORE || ".asterism"))
)

/** Whether to colour a stream: a terminal, and `NO_COLOR` not set. */
export const coloured = (stream: { readonly isTTY?: boolean | undefined }): boolean =>
  stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb"
