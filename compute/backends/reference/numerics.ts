/** What the results of the reference backend depend on besides its code: float64 JavaScript, the same on every processor. */
import type { Numerics } from "../../Engine.ts"

export const referenceNumerics: Numerics = {
  family: "reference",
  precision: "float64",
  device: "cpu",
  engine: "asterism reference"
}
