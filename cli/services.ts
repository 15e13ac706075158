/** The services commands share: the store in the user's folder, and the code hashes. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { FileStore } from "../artifacts/store/FileStore.ts"
import { Code } from "../engine/fingerprint/Code.ts"
import { storeRoot } from "./globals.ts"

/** Store and code hashes for a store folder. */
export const storeServices = (root: string) =>
  Layer.provideMerge(
    Layer.mergeAll(FileStore.layer(root), Code.layer({ cache: null, program: process.env.ASTERISM_PROGRAM })),
    NodeServices.layer
  )

/** Provides the store of this command line. */
export const withStore = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(storeRoot, (root) => Effect.provide(effect, storeServices(root)))
