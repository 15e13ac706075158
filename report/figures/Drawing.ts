/** What drawing a figure yields: pictures and legends as HTML, and the numbers behind them as tidy tables. */
import type { DataTable } from "../csv.ts"
import type { Markup } from "../markup.ts"

export interface Drawing {
  /** Pictures, legends and controls; the caption and the downloads are added around it. */
  readonly body: Markup
  /** The numbers that the figure draws, one observation a row. */
  readonly data: DataTable
  /** Fitted lines, where there are any: shown as a table under the picture. */
  readonly fits?: DataTable
  /** What was left out of the picture, though not of the numbers. */
  readonly note?: string
  /** What the page's script needs to redraw the figure. */
  readonly live?: unknown
}
