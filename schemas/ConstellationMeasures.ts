/**
 * Geometry of constellations, one row a run, edge and measure. `edge` is `"all"` for the value over the whole
 * synchronisation graph (one shared threshold; worst edge for separations, mean over edges otherwise) and `"0-1"`, ...
 * for a single pair of modalities. A margin is a half gap; `fullGap` is twice as much.
 */
import * as Kind from "./Kind.ts"

export const ConstellationMeasures = Kind.table("ConstellationMeasures", {
  description: "Margin, relative bias, region slack, ξ, retrieval and separation by run.",
  columns: { point: "utf8", seed: "int32", edge: "utf8", measure: "utf8", value: "float64?" }
})
