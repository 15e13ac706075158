/**
 * The synthetic experiments of the sigmoid-loss paper as data: what is initialised, which settings are trained, and what
 * was published. N = 100 pairs in d = 10, Adam at 1e-2, 10,000 full-batch steps from t = 10, unless said otherwise.
 *
 * Published numbers: arXiv 2509.18552 (its tables 1 to 3 print full gaps, 2m) and the outputs of the authors' notebooks
 * (repository BangachevKiril/RepresentationLearningTheory, folder SigLIP), which are single runs.
 */
import { basic, guided, projection, xi } from "./geometry.ts"
import { locked, modalities } from "./modalities.ts"
import { ablation, fixedBias, forms, temperature } from "./parameterisation.ts"

/** Every experiment by name, the longest first. */
export const experiments = {
  modalities,
  temperature,
  fixedBias,
  forms,
  ablation,
  projection,
  guided,
  locked,
  xi,
  basic
} as const
