import type { SourceGraph } from "../../engine/fingerprint/code/SourceGraph.ts"
import type { Memo } from "./memo.mjs"

export declare const graphFrom: (paths: ReadonlyArray<string>, memo: Memo) => Promise<SourceGraph>
