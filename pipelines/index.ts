/** The pipelines that ship with Asterism, by name. Loaded when asked for: naming one costs nothing. */
export const pipelines: { readonly [name: string]: () => Promise<{ readonly default: unknown }> } = {
  words: () => import("./words.ts"),
  synthetic: () => import("./synthetic.ts"),
  retrieval: () => import("./retrieval.ts"),
  limit: () => import("./limit.ts"),
  "end-to-end": () => import("./end-to-end.ts"),
  constellations: () => import("./constellations.ts"),
  "constellation-ablation": () => import("./constellation-ablation.ts"),
  "constellation-basic": () => import("./constellation-basic.ts"),
  "constellation-fixed-bias": () => import("./constellation-fixed-bias.ts"),
  "constellation-forms": () => import("./constellation-forms.ts"),
  "constellation-guided": () => import("./constellation-guided.ts"),
  "constellation-locked": () => import("./constellation-locked.ts"),
  "constellation-modalities": () => import("./constellation-modalities.ts"),
  "constellation-projection": () => import("./constellation-projection.ts"),
  "constellation-temperature": () => import("./constellation-temperature.ts"),
  "constellation-xi": () => import("./constellation-xi.ts"),
  "constellation-trained": () => import("./constellation-trained.ts"),
  "constellation-features": () => import("./constellation-features.ts"),
  "constellation-large": () => import("./constellation-large.ts")
}
