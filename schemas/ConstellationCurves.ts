/**
 * What a training recorded, one row a run and recorded step. `margin` is the half gap over all edges of the
 * synchronisation graph, `xi` that of its first edge; `adapterScale` is 1 without an adapter.
 */
import * as Kind from "./Kind.ts"

export const ConstellationCurves = Kind.table("ConstellationCurves", {
  description: "Loss, inverse temperature, bias, margin and ξ by run and step.",
  columns: {
    point: "utf8",
    seed: "int32",
    step: "int32",
    loss: "float64",
    inverseTemperature: "float64",
    bias: "float64",
    relativeBias: "float64",
    adapterScale: "float64",
    margin: "float64",
    minPositive: "float64",
    maxNegative: "float64",
    xi: "float64"
  }
})
