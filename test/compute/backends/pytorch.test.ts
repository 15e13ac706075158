/** The autoencoder's and the contrastive step against PyTorch's, at a size for every test run. `test/scale` has the full one. */
import { agreesWithPyTorch } from "../../support/pytorch.ts"

agreesWithPyTorch(
  {
    sae: { batch: 128, dims: 96, dictionary: 512, k: 8, rows: 1024 },
    contrastive: { queries: 400, documents: 120, dims: 32 },
    gemm: [1, 1, 1]
  },
  200,
  0
)
