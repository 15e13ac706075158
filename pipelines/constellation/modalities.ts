/** A locked modality, and more than two. */
import type { Experiment } from "./definition.ts"
import { published } from "./points.ts"
import { modalityTable } from "./published.ts"

const delta2 = (1 / (1 + Math.exp(-0.5))) ** 2
export const locked: Experiment = {
  name: "locked",
  title: "A locked modality",
  parts: [
    {
      name: "plain",
      train: {
        locked: [0],
        points: [
          { name: "relative", bias: -1 },
          { name: "absolute", form: "absolute", bias: 0 },
          { name: "t=10 b=0", form: "absolute", trainInverseTemperature: false, trainBias: false },
          {
            name: "t=200 b=0",
            form: "absolute",
            inverseTemperature: 200,
            trainInverseTemperature: false,
            trainBias: false
          }
        ]
      },
      references: [
        ...published("FrozenModalityExperiments notebook", "loss", {
          relative: 0,
          absolute: 0.0006,
          "t=10 b=0": 0.8238
        }),
        {
          point: "absolute",
          measure: "loss@5000",
          value: 0.0053,
          source: "FrozenModalityExperiments notebook"
        },
        ...published("FrozenModalityExperiments notebook", "inverseTemperature", {
          relative: 43.6072,
          absolute: 23.5252
        }),
        ...published("FrozenModalityExperiments notebook", "trainedRelativeBias", {
          relative: 0.7561,
          absolute: 0.699
        }),
        { point: "absolute", measure: "bias", value: 16.445, source: "FrozenModalityExperiments notebook" }
      ],
      figures: { curves: ["loss", "relativeBias"], histogram: true }
    },
    {
      name: "clamped",
      train: {
        locked: [0],
        epsilon: 1e-8,
        points: [
          {
            name: "t=200 b=0",
            form: "absolute",
            inverseTemperature: 200,
            trainInverseTemperature: false,
            trainBias: false
          }
        ]
      },
      references: published("FrozenModalityExperiments notebook", "loss", { "t=200 b=0": 5.7674 })
    },
    // The reference normalises the vectors with the adapter's coordinate on: the first is its recipe, the second ours.
    ...(["extended", "tangential"] as const).map((gradient) => ({
      name: gradient === "extended" ? "adapter" : "adapter-tangential",
      ...(gradient === "extended" ? { leastSeeds: 20 } : {}),
      train: {
        locked: [0],
        adapter: 0.5,
        gradient,
        points: [{ name: "relative", inverseTemperature: 10 / delta2, bias: -1 }]
      },
      references:
        gradient === "tangential"
          ? []
          : [
              ...published("FrozenModalityExperiments notebook", "loss", { relative: 0 }),
              ...published("FrozenModalityExperiments notebook", "inverseTemperature", {
                relative: 139.2057
              }),
              ...published("FrozenModalityExperiments notebook", "adapterScale", { relative: 0.6928 }),
              ...published("FrozenModalityExperiments notebook", "trainedRelativeBias", {
                relative: -0.2013
              })
            ]
    }))
  ]
}

/** Largest first: with two jobs the long trainings start at once. */
export const modalities: Experiment = {
  name: "modalities",
  title: "Many modalities on a complete graph",
  parts: [
    ...[...modalityTable].reverse().map(({ fullGap, k }) => ({
      name: `k${k}`,
      start: { modalities: k },
      train: { points: [{ name: `k=${k}` }], recordEvery: 500 },
      separation: k <= 4,
      references: [{ point: `k=${k}`, measure: "fullGap", value: fullGap, source: "Table 1" }],
      figures: { histogram: true }
    })),
    {
      name: "forms",
      start: { modalities: 4 },
      train: {
        points: [
          { name: "relative" },
          { name: "absolute b0=-10", form: "absolute", bias: -10 },
          {
            name: "t=200 b=0",
            form: "absolute",
            inverseTemperature: 200,
            trainInverseTemperature: false,
            trainBias: false
          },
          { name: "t=10 b=0", form: "absolute", trainInverseTemperature: false, trainBias: false }
        ]
      },
      references: [
        {
          point: "relative",
          measure: "inverseTemperature",
          value: 56.2748,
          source: "MoreModalities notebook"
        },
        {
          point: "relative",
          measure: "trainedRelativeBias",
          value: 0.721,
          source: "MoreModalities notebook"
        },
        { point: "relative", measure: "loss", value: 0, source: "MoreModalities notebook" },
        {
          point: "absolute b0=-10",
          measure: "inverseTemperature",
          value: 165.6806,
          source: "MoreModalities notebook"
        },
        { point: "absolute b0=-10", measure: "bias", value: -8.8291, source: "MoreModalities notebook" }
      ],
      figures: { curves: ["loss", "relativeBias"], histogram: true }
    },
    ...(["star", "path"] as const).map((graph) => ({
      name: graph,
      start: { modalities: 4 },
      train: { graph, points: [{ name: `k=4 ${graph}` }] }
    }))
  ]
}
