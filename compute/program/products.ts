/** Matrix products, with any leading axes: a batch of seeds or sweep points is one more axis in front. */
import type { Tensor } from "./Tensor.ts"
import { broadcastShapes, expectType, node, ProgramError, show } from "./Tensor.ts"

export interface Transposes {
  /** Read the last two axes of the first operand swapped. */
  readonly transposeA?: boolean
  /** Read the last two axes of the second operand swapped. */
  readonly transposeB?: boolean
}

const mark = (shape: Tensor["shape"], transposed: boolean): string => `${show(shape)}${transposed ? "ᵀ" : ""}`

/** (…, m, k) × (…, k, n) → (…, m, n); leading axes broadcast. Cost 2·m·k·n a batch member. */
export const matmul = (a: Tensor, b: Tensor, transposes: Transposes = {}): Tensor => {
  expectType("matmul", a, "float", "first operand")
  expectType("matmul", b, "float", "second operand")
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new ProgramError("matmul", `operands need two axes or more: ${show(a.shape)} × ${show(b.shape)}`)
  }
  const transposeA = transposes.transposeA ?? false
  const transposeB = transposes.transposeB ?? false
  const [m, k] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2)
  const [inner, n] = transposeB ? b.shape.slice(-2).reverse() : b.shape.slice(-2)
  if (k !== inner) {
    throw new ProgramError(
      "matmul",
      `inner sizes differ: ${mark(a.shape, transposeA)} × ${mark(b.shape, transposeB)} (${k} and ${inner})`
    )
  }
  const leading = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2))
  return node({ kind: "matmul", transposeA, transposeB }, [a, b], [...leading, m!, n!], "float")
}
