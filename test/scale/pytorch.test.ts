/** The autoencoder's and the contrastive step against PyTorch's at the sizes that `bench:compute` times: 200 steps of each. */
import { fullSizes } from "../../bench/compute/inputs.ts"
import { agreesWithPyTorch } from "../support/pytorch.ts"

agreesWithPyTorch(fullSizes, 200, 1e-4)
