/**
 * The synthetic experiments of the sigmoid-loss paper as data: what is initialised, which settings are trained, and what
 * was published. N = 100 pairs in d = 10, Adam at 1e-2, 10,000 full-batch steps from t = 10, unless said otherwise.
 *
 * Published numbers: arXiv 2509.18552 (its tables 1 to 3 print full gaps, 2m) and the outputs of the authors' notebooks
 * (repository BangachevKiril/RepresentationLearningTheory, folder SigLIP), which are single runs.
 */
import type { Experiment } from "./definition.ts"
import type { PointInput } from "../../stages/constellation/points.ts"
import type { Reference } from "../../stages/constellation/summary.ts"
import { fixedBiasTable, modalityTable, startTable, sweepTable } from "./published.ts"

const fixed = (bias: number): PointInput => ({ name: `b=${bias}`, bias, trainBias: false })

/** References for several points at once: point name → value. */
const published = (
  source: string,
  measure: string,
  values: { readonly [point: string]: number }
): ReadonlyArray<Reference> =>
  Object.entries(values).map(([point, value]) => ({ point, measure, value, source }))

const basic: Experiment = {
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

const ablationBiases = [-1, -0.5, 0, 0.5, 1]
const ablation: Experiment = {
  name: "ablation",
  title: "Fixed and trained inverse temperature at a fixed relative bias",
  parts: [
    {
      name: "fixed-t",
      train: {
        points: ablationBiases.map((bias) => ({
          ...fixed(bias),
          inverseTemperature: 100,
          trainInverseTemperature: false
        }))
      },
      references: published("AblationStudy notebook", "loss", {
        "b=-1": 18.2241,
        "b=-0.5": 0.1695,
        "b=0": 0.1621,
        "b=0.5": 0.1161,
        "b=1": 0.1771
      }),
      figures: { histogram: true, curves: ["loss"] }
    },
    {
      name: "trained-t",
      train: { points: ablationBiases.map(fixed) },
      references: [
        ...published("AblationStudy notebook", "loss", {
          // oxlint-disable-next-line oxc/approx-constant
          "b=-1": 0.6931,
          "b=-0.5": 0,
          "b=0": 0,
          "b=0.5": 0,
          "b=1": 0.0069
        }),
        ...published("AblationStudy notebook", "inverseTemperature", {
          "b=-1": 6.4938,
          "b=-0.5": 124.3492,
          "b=0": 74.5701,
          "b=0.5": 64.8666,
          "b=1": 26.6593
        })
      ],
      figures: { histogram: true, curves: ["loss", "inverseTemperature"] }
    }
  ]
}

const starts = [-10, -5, 0, 5, 10]
const forms: Experiment = {
  name: "forms",
  title: "Relative bias beside the absolute one",
  region: true,
  parts: [
    {
      name: "relative",
      train: { points: starts.map((b) => ({ name: `b0=${b}`, bias: b / 10 })) },
      references: [
        ...published("BiasParamLeadsToZeroRB notebook", "inverseTemperature@5000", {
          "b0=-10": 27.398,
          "b0=-5": 33.9863,
          "b0=0": 39.9677,
          "b0=5": 46.6835,
          "b0=10": 41.1736
        }),
        ...published("BiasParamLeadsToZeroRB notebook", "inverseTemperature", {
          "b0=-10": 37.8217,
          "b0=-5": 45.4787,
          "b0=0": 51.6039,
          "b0=5": 56.8039,
          "b0=10": 50.9366
        }),
        ...published("BiasParamLeadsToZeroRB notebook", "relativeBias@5000", {
          "b0=-10": 0.4297,
          "b0=-5": 0.3646,
          "b0=0": 0.4779,
          "b0=5": 0.7435,
          "b0=10": 0.727
        }),
        ...published("BiasParamLeadsToZeroRB notebook", "trainedRelativeBias", {
          "b0=-10": 0.5657,
          "b0=-5": 0.4434,
          "b0=0": 0.5056,
          "b0=5": 0.7359,
          "b0=10": 0.7188
        })
      ],
      figures: { curves: ["loss", "relativeBias", "margin"] }
    },
    {
      name: "absolute",
      train: { points: starts.map((b) => ({ name: `b0=${b}`, form: "absolute" as const, bias: b })) },
      figures: { curves: ["loss", "relativeBias", "margin"] }
    }
  ]
}

const fixedBias: Experiment = {
  name: "fixed-bias",
  title: "Margins at a fixed relative bias",
  region: true,
  parts: [
    {
      name: "table",
      train: { points: fixedBiasTable.map(({ bias }) => fixed(bias)), recordEvery: 1000 },
      references: fixedBiasTable.flatMap(({ bias, fullGap, inverseTemperature, loss }) => [
        { point: `b=${bias}`, measure: "inverseTemperature", value: inverseTemperature, source: "Table 2" },
        { point: `b=${bias}`, measure: "fullGap", value: fullGap, source: "Table 2" },
        ...(loss === undefined
          ? []
          : [{ point: `b=${bias}`, measure: "loss", value: loss, source: "Table 2" }])
      ]),
      figures: { histogram: true }
    },
    {
      name: "sweep",
      train: { points: sweepTable.map(({ bias }) => fixed(bias)), steps: 5000, recordEvery: 50 },
      references: sweepTable.flatMap(({ bias, margin, relativeBias }) => [
        { point: `b=${bias}`, measure: "margin", value: margin, source: "final_mean_margin_opt_rb.csv" },
        {
          point: `b=${bias}`,
          measure: "relativeBias",
          value: relativeBias,
          source: "final_mean_margin_opt_rb.csv"
        }
      ]),
      figures: { curves: ["margin"] }
    }
  ]
}

const delta2 = (1 / (1 + Math.exp(-0.5))) ** 2
const locked: Experiment = {
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
        { point: "t=200 b=0", measure: "loss", value: 5.7674, source: "notebook, clamped by its ε" },
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
      name: "adapter",
      train: {
        locked: [0],
        adapter: 0.5,
        points: [{ name: "relative", inverseTemperature: 10 / delta2, bias: -1 }]
      },
      references: [
        ...published("FrozenModalityExperiments notebook", "loss", { relative: 0 }),
        ...published("FrozenModalityExperiments notebook", "inverseTemperature", { relative: 139.2057 }),
        ...published("FrozenModalityExperiments notebook", "adapterScale", { relative: 0.6928 }),
        ...published("FrozenModalityExperiments notebook", "trainedRelativeBias", { relative: -0.2013 })
      ]
    }
  ]
}

/** Largest first: with two jobs the long trainings start at once. */
const modalities: Experiment = {
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

const temperature: Experiment = {
  name: "temperature",
  title: "Where t and the relative bias start",
  region: true,
  parts: [
    {
      name: "grid",
      train: {
        recordEvery: 1000,
        points: startTable.flatMap(({ inverseTemperature, fullGaps }) =>
          fullGaps.map(({ bias }) => ({
            name: `t0=${inverseTemperature} b0=${bias}`,
            inverseTemperature,
            bias
          }))
        )
      },
      separation: false,
      references: startTable.flatMap(({ fullGaps, inverseTemperature }) =>
        fullGaps.map(({ bias, value }) => ({
          point: `t0=${inverseTemperature} b0=${bias}`,
          measure: "fullGap",
          value,
          source: value < 0 ? "Table 3, clamped by its ε" : "Table 3"
        }))
      )
    }
  ]
}

const xi: Experiment = {
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

const projection: Experiment = {
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
const guided: Experiment = {
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
