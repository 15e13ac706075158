/** A folder of the stage's own for temporary files, on the store's file system; removed when the stage ends. */
import * as Context from "effect/Context"

export class Scratch extends Context.Service<Scratch, { readonly directory: string }>()("asterism/Scratch") {}
