/**
 * The dual of the two-point program for complete:n,k at one margin and one range of thresholds: the weights of
 * CeilingCertificate.ts that make C + Σ_t c_t + c least, with Σ tr Y0 + tr Y1 + Σ y + Σ w = 1, and conditions (2) and (3)
 * asked on points only. Below 0 it proves the margin impossible, once the conditions hold everywhere.
 *
 * Points: a grid of angles on both sides, the edges of the regions above each grid angle (where the multipliers sit), and
 * points that a search for violations added (`extra`), which keep their place relative to the region as the margin moves.
 */
import type { CompleteBlocks } from "./completeBlocks.ts"
import { gegenbauerSeries } from "./cosineSeries.ts"
import type { ConeProgram } from "./lp/coneProgram.ts"

export interface CompleteSetting {
  readonly system: CompleteBlocks
  readonly dims: number
  readonly degrees: number
  /** Query pairs coupled to document pairs; else every kind of pair on its own. */
  readonly coupled: boolean
  /** Angles a side. */
  readonly points: number
}

/** A point in [0, 1]²: the share of θ's range, and of φ's range above the region's edge at θ. */
export interface SharePoint {
  /** t − first, or −1 for a pair of scores. */
  readonly kind: number
  readonly theta: number
  readonly phi: number
}

/** Angles of a share point at a margin: for pairs of vectors, and for scores between `from` and `to`. */
export const vectorAngles = (margin: number, theta: number, phi: number): readonly [number, number] => {
  const least = 2 * Math.asin(margin)
  const first = least + theta * (Math.PI - least)
  const edge = 2 * Math.asin(Math.min(1, margin / Math.sin(first / 2)))
  return [first, edge + phi * (Math.PI - edge)]
}

export const scoreAngles = (
  margin: number,
  from: number,
  to: number,
  theta: number,
  phi: number
): readonly [number, number] => {
  const most = Math.acos(Math.min(1, Math.max(-1, from + margin)))
  const first = theta * most
  const top = Math.max(-1, Math.min(to - margin, Math.cos(first) - 2 * margin))
  const edge = Math.acos(top)
  return [first, edge + phi * (Math.PI - edge)]
}

/** Where each unknown stands. */
export interface CompleteLayout {
  readonly lines: number
  readonly width: number
  readonly weights: number
  readonly splits: number
  readonly constants: number
  readonly unknowns: number
}

export const layoutOf = ({ coupled, degrees, system }: CompleteSetting): CompleteLayout => {
  const lines = Math.max(0, system.queries.length - 2)
  const width = 6 + lines
  const weights = degrees * width
  const splits = weights + (coupled ? system.commons : 0)
  const constants = splits + (coupled ? (system.commons - 1) * degrees : 0)
  // Coupled: c_t, and the two halves of c. Else the constant of document pairs comes first.
  return {
    lines,
    width,
    weights,
    splits,
    constants,
    unknowns: constants + system.commons + 2 + (coupled ? 0 : 1)
  }
}

export const completeProgram = (
  setting: CompleteSetting,
  margin: number,
  range: readonly [number, number],
  extra: ReadonlyArray<SharePoint>
): ConeProgram => {
  const { coupled, degrees, dims, points, system } = setting
  const { commons } = system
  const layout = layoutOf(setting)
  const { lines, unknowns, width } = layout
  const polynomials = gegenbauerSeries(dims, degrees)
  const nodes: Array<Float64Array> = []
  const values = new Float64Array(degrees + 1)
  /** P_l at an angle. */
  const evaluate = (theta: number): void => {
    const cosines = Float64Array.from({ length: degrees + 1 }, (_, m) => Math.cos(m * theta))
    for (let l = 1; l <= degrees; l++) {
      let sum = 0
      for (let m = l % 2; m <= l; m += 2) sum += polynomials[l * (degrees + 1) + m] * cosines[m]
      values[l] = sum
    }
  }
  const push = (node: Float64Array): number => nodes.push(node) - 1
  const constantOf = (kind: number): number => layout.constants + kind

  /** f_qq,t less its constant. */
  const queryNode = (t: number, theta: number): number => {
    evaluate(theta)
    const node = new Float64Array(unknowns)
    for (let l = 1; l <= degrees; l++) {
      const at = (l - 1) * width
      for (let j = 0; j < 2; j++) node[at + 3 * j + 2] = values[l] * system.queries[j].pairs[t]
      for (let j = 0; j < lines; j++) node[at + 6 + j] = values[l] * system.queries[j + 2].pairs[t]
    }
    node[constantOf(t)] = -1
    return push(node)
  }
  /** h_t; not coupled f_dd less its constant. */
  const documentNode = (t: number, theta: number): number => {
    const node = new Float64Array(unknowns)
    if (t === 0) {
      evaluate(theta)
      for (let l = 1; l <= degrees; l++) {
        for (let j = 0; j < 2; j++) node[(l - 1) * width + 3 * j] = values[l] * system.documents[j].pair
      }
    }
    if (coupled) {
      for (let other = 1; other < commons; other++) {
        if (t !== 0 && t !== other) continue
        for (let m = 1; m <= degrees; m++)
          node[layout.splits + (other - 1) * degrees + m - 1] = (t === 0 ? -1 : 1) * Math.cos(m * theta)
      }
    } else node[constantOf(commons + 2)] = -1
    return push(node)
  }
  const scoreNode = (side: "relevant" | "other", theta: number): number => {
    evaluate(theta)
    const node = new Float64Array(unknowns)
    for (let l = 1; l <= degrees; l++) {
      for (let j = 0; j < 2; j++) node[(l - 1) * width + 3 * j + 1] = 2 * values[l] * system.mixed[j][side]
    }
    if (coupled) {
      for (let t = 0; t < commons; t++)
        node[layout.weights + t] = (side === "relevant" ? -2 : 2) * Math.cos(theta)
    }
    node[constantOf(commons + (side === "relevant" ? 0 : 1))] = -1
    return push(node)
  }

  const rowStart: Array<number> = [0]
  const rowNode: Array<number> = []
  const rowValue: Array<number> = []
  const row = (...entries: ReadonlyArray<readonly [number, number]>): void => {
    for (const [node, value] of entries) {
      rowNode.push(node)
      rowValue.push(value)
    }
    rowStart.push(rowNode.length)
  }
  const share = (i: number): number => i / (points - 1)

  // Pairs of vectors.
  if (coupled) {
    const least = 2 * Math.asin(margin)
    const angles = Array.from({ length: points }, (_, i) => least + share(i) * (Math.PI - least))
    for (let t = 0; t < commons; t++) {
      const weight = new Float64Array(unknowns)
      weight[layout.weights + t] = 1
      const weightNode = push(weight)
      const room = (theta: number, phi: number): number => 4 * Math.sin(theta / 2) * Math.sin(phi / 2)
      const documents = angles.map((angle) => documentNode(t, angle))
      angles.forEach((theta, a) => {
        const query = queryNode(t, theta)
        const [, edge] = vectorAngles(margin, share(a), 0)
        row([query, 1], [documentNode(t, edge), 1], [weightNode, room(theta, edge)])
        angles.forEach((phi, b) => {
          if (phi > edge) row([query, 1], [documents[b], 1], [weightNode, room(theta, phi)])
        })
      })
      for (const point of extra) {
        if (point.kind !== t) continue
        const [theta, phi] = vectorAngles(margin, point.theta, point.phi)
        row([queryNode(t, theta), 1], [documentNode(t, phi), 1], [weightNode, room(theta, phi)])
      }
    }
  } else {
    const least = 2 * Math.asin(margin)
    const count = 2 * points
    const angles = Array.from({ length: count }, (_, i) => least + (i / (count - 1)) * (Math.PI - least))
    for (const angle of angles) {
      row([documentNode(0, angle), 1])
      for (let t = 0; t < commons; t++) row([queryNode(t, angle), 1])
    }
    for (const point of extra) {
      if (point.kind < 0) continue
      row([queryNode(point.kind, least + point.theta * (Math.PI - least)), 1])
      row([documentNode(0, least + point.phi * (Math.PI - least)), 1])
    }
  }

  // Scores.
  const [from, to] = range
  const most = Math.acos(Math.min(1, Math.max(-1, from + margin)))
  const least = Math.acos(Math.max(-1, Math.min(1, to - margin)))
  if (to - from <= 1e-9) {
    // One threshold: what is relevant does not depend on what is not.
    const count = (coupled ? 1 : 2) * points
    for (let i = 0; i < count; i++) {
      row([scoreNode("relevant", (i / (count - 1)) * most), 1])
      row([scoreNode("other", least + (i / (count - 1)) * (Math.PI - least)), 1])
    }
    for (const point of extra) {
      if (point.kind !== -1) continue
      const [theta, phi] = scoreAngles(margin, from, to, point.theta, point.phi)
      row([scoreNode("relevant", theta), 1])
      row([scoreNode("other", phi), 1])
    }
  } else {
    const others = Array.from({ length: points }, (_, i) => least + share(i) * (Math.PI - least))
    const otherNodes = others.map((phi) => scoreNode("other", phi))
    for (let a = 0; a < points; a++) {
      const [theta, edge] = scoreAngles(margin, from, to, share(a), 0)
      if (Math.cos(theta) - 2 * margin < -1) continue
      const relevant = scoreNode("relevant", theta)
      row([relevant, 1], [scoreNode("other", edge), 1])
      others.forEach((phi, b) => {
        if (phi > edge + 1e-9) row([relevant, 1], [otherNodes[b], 1])
      })
    }
    for (const point of extra) {
      if (point.kind !== -1) continue
      const [theta, phi] = scoreAngles(margin, from, to, point.theta, point.phi)
      row([scoreNode("relevant", theta), 1], [scoreNode("other", phi), 1])
    }
  }

  const cost = new Float64Array(unknowns)
  const equality = new Float64Array(unknowns)
  const nonnegative: Array<number> = []
  const semidefinite: Array<number> = []
  for (let l = 0; l < degrees; l++) {
    const at = l * width
    for (let j = 0; j < 2; j++) {
      semidefinite.push(at + 3 * j, at + 3 * j + 1, at + 3 * j + 2)
      cost[at + 3 * j] = system.documents[j].constant
      cost[at + 3 * j + 2] = system.queries[j].constant
      equality[at + 3 * j] = 1
      equality[at + 3 * j + 2] = 1
    }
    for (let j = 0; j < lines; j++) {
      nonnegative.push(at + 6 + j)
      cost[at + 6 + j] = system.queries[j + 2].constant
      equality[at + 6 + j] = 1
    }
  }
  for (let i = layout.weights; i < layout.splits; i++) {
    nonnegative.push(i)
    equality[i] = 1
  }
  cost.fill(1, layout.constants)

  const flat = new Float64Array(nodes.length * unknowns)
  nodes.forEach((node, g) => flat.set(node, g * unknowns))
  return {
    unknowns,
    cost,
    nodes: flat,
    rowStart: Int32Array.from(rowStart),
    rowNode: Int32Array.from(rowNode),
    rowValue: Float64Array.from(rowValue),
    limit: new Float64Array(rowStart.length - 1),
    nonnegative: Int32Array.from(nonnegative),
    semidefinite: Int32Array.from(semidefinite),
    equality,
    equalityValue: Float64Array.of(1)
  }
}
