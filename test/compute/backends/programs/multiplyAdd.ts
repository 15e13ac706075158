/** Prints how this process multiplies and adds. */
import { fusedMultiplyAdd } from "../../../../compute/processor.ts"

console.log(fusedMultiplyAdd())
