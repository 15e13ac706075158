/** Draws any figure. */
import type { FigureValue } from "../../schemas/Figure.ts"
import { drawBars } from "./bars.ts"
import type { Drawing } from "./Drawing.ts"
import { drawHeatmap } from "./heatmap.ts"
import { drawHistogram } from "./histogram.ts"
import { drawScatter3d } from "./scatter3d.ts"
import { drawTable } from "./table.ts"
import { drawXy } from "./xy.ts"

export const drawFigure = (figure: FigureValue): Drawing => {
  switch (figure.type) {
    case "heatmap":
      return drawHeatmap(figure)
    case "curves":
    case "scatter":
      return drawXy(figure)
    case "bars":
      return drawBars(figure)
    case "histogram":
      return drawHistogram(figure)
    case "scatter3d":
      return drawScatter3d(figure)
    case "table":
      return drawTable(figure)
  }
}
