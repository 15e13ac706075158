/** How t and the bias are held, trained and started. */
import type { Experiment } from "./definition.ts"
import { fixed, published } from "./points.ts"
import { fixedBiasTable, startTable, sweepTable } from "./published.ts"

const ablationBiases = [-1, -0.5, 0, 0.5, 1]
export const ablation: Experiment = {
  name: "ablation",
  title: "Fixed and trained inverse temperature at a fixed relative bias",
  parts: [
    // Exact, and with the ε inside the logarithms that the published losses come from.
    ...[0, 1e-8].map((epsilon) => ({
      name: epsilon === 0 ? "fixed-t" : "fixed-t-clamped",
      train: {
        epsilon,
        points: ablationBiases.map((bias) => ({
          ...fixed(bias),
          inverseTemperature: 100,
          trainInverseTemperature: false
        }))
      },
      references:
        epsilon === 0
          ? []
          : published("AblationStudy notebook", "loss", {
              "b=-1": 18.2241,
              "b=-0.5": 0.1695,
              "b=0": 0.1621,
              "b=0.5": 0.1161,
              "b=1": 0.1771
            }),
      figures: { histogram: true, curves: ["loss" as const] }
    })),
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
export const forms: Experiment = {
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

/** Table 2 is of 1,000 pairs: see docs/results/constellation.md. */
const table2 = { source: "Table 2, 1,000 pairs", comparable: false }
export const fixedBias: Experiment = {
  name: "fixed-bias",
  title: "Margins at a fixed relative bias",
  region: true,
  parts: [
    {
      name: "table",
      train: { points: fixedBiasTable.map(({ bias }) => fixed(bias)), recordEvery: 1000 },
      references: fixedBiasTable.flatMap(({ bias, fullGap, inverseTemperature, loss }) => [
        { point: `b=${bias}`, measure: "inverseTemperature", value: inverseTemperature, ...table2 },
        { point: `b=${bias}`, measure: "fullGap", value: fullGap, ...table2 },
        ...(loss === undefined ? [] : [{ point: `b=${bias}`, measure: "loss", value: loss, ...table2 }])
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

export const temperature: Experiment = {
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
          source: value < 0 ? "Table 3, clamped by its ε" : "Table 3",
          comparable: false
        }))
      )
    }
  ]
}
