/**
 * The program that the ceilings' dual weights are found with: few unknowns, many linear rows, 2 × 2 semidefinite blocks.
 *
 *   minimise cᵀz   subject to   S N z ≤ h,   z_i ≥ 0,   [[z_i, z_j], [z_j, z_k]] ⪰ 0,   E z = e.
 *
 * A row is a sparse combination (S) of node vectors (N): the value of a sum of polynomials at a point is the sum of one
 * node for each polynomial, so that a grid of points a × b needs only a + b nodes. For plain dense rows let S be the
 * identity (`denseRows`). All numbers are float64; nothing here is rounded outwards: what the weights prove is decided
 * elsewhere, from the weights alone.
 */
export interface ConeProgram {
  /** How many unknowns z has. */
  readonly unknowns: number
  /** c. */
  readonly cost: Float64Array
  /** N: nodes × unknowns, row-major. */
  readonly nodes: Float64Array
  /** S in compressed rows: `rowStart` has rows + 1 entries, `rowNode` names nodes, `rowValue` their factors. */
  readonly rowStart: Int32Array
  readonly rowNode: Int32Array
  readonly rowValue: Float64Array
  /** h: one a row. */
  readonly limit: Float64Array
  /** Unknowns that must be at least 0. */
  readonly nonnegative?: Int32Array
  /** Triples (i, j, k) of unknowns: [[z_i, z_j], [z_j, z_k]] is positive semidefinite. */
  readonly semidefinite?: Int32Array
  /** E (equalities × unknowns, row-major, few, independent) and e. */
  readonly equality?: Float64Array
  readonly equalityValue?: Float64Array
}

export interface ConeSolution {
  /** The unknowns. Nearly feasible: rows and blocks may fail by the residual. */
  readonly z: Float64Array
  /** cᵀz. */
  readonly value: number
  /** The multiplier of each row, ≥ 0: the measure on the grid. */
  readonly rows: Float64Array
  /** Duality gap and residuals, relative. */
  readonly gap: number
  readonly residual: number
  readonly iterations: number
  /** Whether gap and residual are within the tolerance. */
  readonly converged: boolean
}

/** Rows as they are: S = 1. `rows` is count × unknowns, row-major. */
export const denseRows = (
  rows: Float64Array,
  limit: Float64Array
): Pick<ConeProgram, "nodes" | "rowStart" | "rowNode" | "rowValue" | "limit"> => ({
  nodes: rows,
  rowStart: Int32Array.from({ length: limit.length + 1 }, (_, i) => i),
  rowNode: Int32Array.from({ length: limit.length }, (_, i) => i),
  rowValue: new Float64Array(limit.length).fill(1),
  limit
})
