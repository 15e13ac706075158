/** Every measure of one pair of modalities by name, and how measures of several pairs are put together. */
import { regionSlack } from "../../compute/constellation/feasibleRegion.ts"
import { probeModality } from "../../compute/constellation/linearProbe.ts"
import type { Margins } from "../../compute/constellation/margins.ts"
import { measureModalityGap } from "../../compute/constellation/modalityGap.ts"
import type { Pairing } from "../../compute/constellation/Pairing.ts"
import { perceptron } from "../../compute/constellation/perceptron.ts"
import { separateByPlane, separateThroughOrigin } from "../../compute/constellation/separation.ts"

export type EdgeMeasures = { readonly [measure: string]: number }

export const edgeMeasures = (pairing: Pairing, margins: Margins, separation: boolean): EdgeMeasures => ({
  ...margins,
  ...regionSlack(margins.margin, margins.relativeBias, pairing.rows),
  ...measureModalityGap(pairing),
  ...(separation ? separations(pairing) : {})
})

const separations = (pairing: Pairing): EdgeMeasures => {
  const origin = separateThroughOrigin(pairing)
  const plane = separateByPlane(pairing)
  const learned = perceptron(pairing, { rounds: 200 })
  return {
    /** Rows on their own side of the best hyperplane through the origin (Theorem 3.6) and how many rows span it. */
    originLeftSeparated: origin.leftSeparated,
    originRightSeparated: origin.rightSeparated,
    originSupport: origin.support,
    /** 1 where a hyperplane with an offset separates the modalities, and the distance of their convex hulls. */
    separable: plane.separable ? 1 : 0,
    hullDistance: plane.hullDistance,
    perceptronMistakes: learned.leftMisclassified + learned.rightMisclassified,
    probeAccuracy: probeModality(pairing)
  }
}

/** Measures whose worst edge counts: the smallest value, or the largest of those that should be small. */
const smallest = ["rowMargin", "originLeftSeparated", "originRightSeparated", "separable", "hullDistance"]
const largest = ["originSupport", "perceptronMistakes"]

export const meanOf = (edges: ReadonlyArray<EdgeMeasures>): EdgeMeasures =>
  Object.fromEntries(
    Object.keys(edges[0]).map((measure) => [
      measure,
      edges.reduce((sum, values) => sum + values[measure], 0) / edges.length
    ])
  )

export const worstOf = (edges: ReadonlyArray<EdgeMeasures>): EdgeMeasures => {
  const worst: { [measure: string]: number } = {}
  for (const measure of smallest) {
    if (measure in edges[0]) worst[measure] = Math.min(...edges.map((values) => values[measure]))
  }
  for (const measure of largest) {
    if (measure in edges[0]) worst[measure] = Math.max(...edges.map((values) => values[measure]))
  }
  /** Mean over edges of each edge's own half gap: above the shared `margin` where edges prefer different thresholds. */
  worst.meanEdgeMargin = edges.reduce((sum, values) => sum + values.margin, 0) / edges.length
  return worst
}
