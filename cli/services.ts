/** The services commands share: the store in the user's folder, and the code hashes. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { FileStore } from "../artifacts/store/FileStore.ts"
import { Code } from "../engine/fingerprint/Code.ts"
import { storeRoot } from "./globals.ts"

/** Code hashes of the program that runs. */
export const codeLayer = Layer.unwrap(
  Effect.sync(() => Code.layer({ cache: null, program: process.env.ASTERISM_PROGRAM }))
)

/** Store and code hashes for a store folder. */
export const storeServices = (root: string) =>
  Layer.provideMerge(Layer.mergeAll(FileStore.layer(root), codeLayer), NodeServices.layer)

/** Provides the store of this command line. */
export const withStore = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(storeRoot, (root) => Effect.provide(effect, storeServices(root)))
