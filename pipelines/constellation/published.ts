/** Numbers of the paper's tables (arXiv 2509.18552) and of the authors' result file. Full gaps are 2m. */

/** Table 2: final t, full gap and loss at a fixed relative bias; losses only where they are not 0 as printed. */
export const fixedBiasTable: ReadonlyArray<{
  readonly bias: number
  readonly inverseTemperature: number
  readonly fullGap: number
  readonly loss?: number
}> = [
  // oxlint-disable-next-line oxc/approx-constant
  { bias: -1, inverseTemperature: 6.96, fullGap: -1e-6, loss: 0.69315 },
  { bias: -0.9, inverseTemperature: 56.19, fullGap: 0, loss: 0.009245 },
  { bias: -0.8, inverseTemperature: 23.3, fullGap: 0, loss: 0.014105 },
  { bias: -0.7, inverseTemperature: 162.67, fullGap: 0.0924, loss: 5e-6 },
  { bias: -0.6, inverseTemperature: 125.66, fullGap: 0.1223 },
  { bias: -0.5, inverseTemperature: 104.1, fullGap: 0.1529 },
  { bias: -0.4, inverseTemperature: 90.79, fullGap: 0.183 },
  { bias: -0.3, inverseTemperature: 81.08, fullGap: 0.2136 },
  { bias: -0.2, inverseTemperature: 75.06, fullGap: 0.2424 },
  { bias: -0.1, inverseTemperature: 71.25, fullGap: 0.2736 },
  { bias: 0, inverseTemperature: 69.02, fullGap: 0.3013 },
  { bias: 0.1, inverseTemperature: 69.53, fullGap: 0.329 },
  { bias: 0.2, inverseTemperature: 68, fullGap: 0.3534 },
  { bias: 0.3, inverseTemperature: 61.8, fullGap: 0.3901 },
  { bias: 0.4, inverseTemperature: 55.45, fullGap: 0.4309 },
  { bias: 0.5, inverseTemperature: 48.41, fullGap: 0.4667 },
  { bias: 0.6, inverseTemperature: 44.39, fullGap: 0.4986 },
  { bias: 0.7, inverseTemperature: 42.27, fullGap: 0.5278 },
  { bias: 0.8, inverseTemperature: 37.36, fullGap: 0.5397 },
  { bias: 0.9, inverseTemperature: 33.17, fullGap: 0.4834 },
  { bias: 1, inverseTemperature: 23.82, fullGap: 0.5134 }
]

/** SigLIP/logs/final_mean_margin_opt_rb.csv: means of 100 runs of 5,000 steps. Half gaps. */
export const sweepTable: ReadonlyArray<{
  readonly bias: number
  readonly margin: number
  readonly relativeBias: number
}> = [
  { bias: -1, margin: 0, relativeBias: -1 },
  { bias: -0.7778, margin: 0.03403, relativeBias: -0.7836 },
  { bias: -0.5556, margin: 0.06861, relativeBias: -0.56577 },
  { bias: -0.3333, margin: 0.10304, relativeBias: -0.34667 },
  { bias: -0.1111, margin: 0.13774, relativeBias: -0.12645 },
  { bias: 0.1111, margin: 0.17125, relativeBias: 0.0952 },
  { bias: 0.3333, margin: 0.20097, relativeBias: 0.31843 },
  { bias: 0.5556, margin: 0.2234, relativeBias: 0.54375 },
  { bias: 0.7778, margin: 0.2814, relativeBias: 0.7186 },
  { bias: 1, margin: 0.27637, relativeBias: 0.72363 }
]

/** Table 1: full gap by the number of modalities on a complete graph. */
export const modalityTable: ReadonlyArray<{ readonly k: number; readonly fullGap: number }> = [
  { k: 2, fullGap: 0.471241 },
  { k: 4, fullGap: 0.427528 },
  { k: 6, fullGap: 0.472571 },
  { k: 8, fullGap: 0.595576 },
  { k: 14, fullGap: 0.610853 },
  { k: 20, fullGap: 0.611314 }
]

const biases = [-1, -0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1]
const row = (inverseTemperature: number, values: ReadonlyArray<number>) => ({
  inverseTemperature,
  fullGaps: biases.map((bias, at) => ({ bias, value: values[at] }))
})

/** Table 3: full gap by the inverse temperature and relative bias at the start, both trained. */
export const startTable = [
  row(1, [0.567, 0.567, 0.566, 0.564, 0.566, 0.566, 0.565, 0.568, 0.57, 0.574, 0.573]),
  row(3, [0.545, 0.543, 0.526, 0.499, 0.483, 0.488, 0.536, 0.563, 0.57, 0.574, 0.573]),
  row(10, [0.439, 0.425, 0.415, 0.406, 0.402, 0.41, 0.429, 0.524, 0.566, 0.547, 0.562]),
  row(30, [0.301, 0.297, 0.294, 0.315, 0.343, -0.942, -0.915, -0.935, -1.171, -1.051, -1.145]),
  row(100, [-0.774, -0.679, -0.483, -0.74, -0.878, -0.956, -0.978, -1.109, -1.186, -1.08, -1.449])
]
