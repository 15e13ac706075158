/** What the search's threads and the process that asks them send each other. */
import type { Relevance } from "../Relevance.ts"
import type { SearchResult, SearchTask } from "../solve/searchTask.ts"

export interface ThreadData {
  readonly relevance: Relevance
}

export interface Ask {
  readonly id: number
  readonly task: SearchTask
}

export type Answer =
  | { readonly id: number; readonly result: SearchResult | undefined }
  | { readonly id: number; readonly failure: string }
