/** What the solutions look like, and what moves them. */
import type { Experiment } from "./definition.ts"
import { fixed, published } from "./points.ts"

export const basic: Experiment = {
  name: "basic",
  title: "A constellation of 20 pairs in space",
  parts: [
    {
      name: "d3",
      start: { items: 20, dims: 3 },
      train: { points: [fixed(0)] },
      references: [
        ...published("BasicExperiment notebook", "inverseTemperature", { "b=0": 950.98 }),
        ...published("BasicExperiment notebook", "margin", { "b=0": 0.012 })
      ],
      figures: { space: true, curves: ["loss", "inverseTemperature"], histogram: true }
    }
  ]
}

export const xi: Experiment = {
  name: "xi",
  title: "ξ falls in high dimension",
  parts: [
    {
      name: "d100",
      start: { dims: 100 },
      train: { points: [fixed(0)], steps: 1000, recordEvery: 10 },
      figures: { curves: ["xi", "loss"] }
    }
  ]
}

export const projection: Experiment = {
  name: "projection",
  title: "Tangential and Euclidean gradients",
  parts: (["tangential", "euclidean"] as const).map((gradient) => ({
    name: gradient,
    train: { gradient, points: [-1, -0.5, 0, 0.5, 0.7, 1].map(fixed), recordEvery: 500 },
    figures: { curves: ["margin" as const, "xi" as const] }
  }))
}

/** Targets of the guide: the corner (½, ½) of the region, and where spherical codes of 100 points in 10 dimensions lie. */
const targets = [0.5, 0.7]
export const guided: Experiment = {
  name: "guided",
  title: "Guiding the relative bias towards the corner of the feasible region",
  region: true,
  parts: [
    {
      name: "corner",
      train: {
        points: [-1, 0, 1].flatMap((bias) => [
          { name: `plain b0=${bias}`, bias },
          ...targets.map((towards) => ({
            name: `towards ${towards} b0=${bias}`,
            bias,
            guide: { towards, weight: 1 }
          }))
        ])
      },
      figures: { curves: ["margin", "relativeBias"] }
    },
    {
      name: "absolute",
      train: {
        points: [
          { name: "plain", form: "absolute" },
          ...targets.map((towards) => ({
            name: `towards ${towards}`,
            form: "absolute" as const,
            guide: { towards, weight: 1 }
          }))
        ]
      },
      figures: { curves: ["margin", "relativeBias"] }
    }
  ]
}
