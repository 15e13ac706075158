/**
 * What a report is made of: plain values that the CLI assembles from a run. Nothing here reads a store.
 */
import type { FigureValue } from "../schemas/Figure.ts"
import type { ColumnType } from "../schemas/Table.ts"
import type { Cell } from "./csv.ts"

export interface ReportOutput {
  readonly kind: string
  readonly digest: string
  readonly rows: number | null
  readonly dims: number | null
}

export type NodeStatus = "ran" | "cached" | "accepted" | "resumed" | "failed" | "skipped"

export interface ReportNode {
  readonly name: string
  readonly stage: string
  readonly description: string
  readonly status: NodeStatus
  readonly seconds: number
  readonly fingerprint: string
  readonly params: { readonly [name: string]: unknown }
  /** Input, or `input[member]`, → `node.output`. */
  readonly inputs: { readonly [input: string]: string }
  readonly outputs: { readonly [output: string]: ReportOutput }
  /** Where the outputs are an older result that somebody took for the current one. */
  readonly accepted?: {
    readonly who: string
    /** ISO 8601. */
    readonly when: string
    readonly why: string
    readonly differed: ReadonlyArray<{ readonly text: string }>
  }
}

export interface ReportTable {
  readonly node: string
  readonly output: string
  readonly kind: string
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: ColumnType }>
  /** In the order of `columns`. */
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
  /** How many rows the artifact has, where `rows` holds only its first ones. */
  readonly total?: number
  /** Of the artifact, for what the page does not hold. */
  readonly digest?: string
}

/** What is one run's own. */
export interface ReportRun {
  readonly pipeline: string
  readonly description: string
  readonly run: {
    readonly id: string
    /** ISO 8601. */
    readonly started: string
    readonly seconds: number
    readonly seed: string | number
    /** The command that makes this run again. */
    readonly command: string
    readonly versions: { readonly [name: string]: string }
    /** Of the machine that ran it. */
    readonly host: { readonly [name: string]: string }
  }
  readonly nodes: ReadonlyArray<ReportNode>
}

/** What depends on the outputs alone. */
export interface ReportContent {
  readonly pipeline: string
  readonly figures: ReadonlyArray<{ readonly node: string; readonly figure: FigureValue }>
  readonly tables: ReadonlyArray<ReportTable>
}

export interface ReportInput extends ReportRun, ReportContent {}
