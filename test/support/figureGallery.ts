/** Figures of every type, with the cases that are hard to draw. The numbers mean nothing. */
import { makeRandom } from "../../compute/random/RandomStream.ts"
import type { FigureValue } from "../../schemas/Figure.ts"

/** One figure of every type, with the cases that are hard to draw. */
export const figureGallery = (): ReadonlyArray<{ readonly node: string; readonly figure: FigureValue }> => {
  const random = makeRandom("fixture", "gallery")
  const names = Array.from({ length: 30 }, (_, index) => `org__model-${index}-base-v${index % 3}`)
  const directions = Array.from({ length: 24 }, () => {
    const point = [random.gaussian(), random.gaussian(), random.gaussian()] as const
    const norm = Math.hypot(...point)
    return point.map((value) => value / norm) as unknown as readonly [number, number, number]
  })
  const partner = directions.map(([x, y, z]) => {
    const point = [x * 0.8 + 0.1, y * 0.8, z * 0.8 + 0.5] as const
    const norm = Math.hypot(...point)
    return [point[0] / norm, point[1] / norm, point[2] / norm] as const
  })
  const steps = Array.from({ length: 5000 }, (_, step) => step + 1)
  const edges = Array.from({ length: 31 }, (_, edge) => -1 + edge / 15)
  return [
    {
      node: "many-views",
      figure: {
        type: "heatmap",
        title: "Thirty views",
        caption: "Mutual kNN of 30 views; the diagonal is empty and two pairs are undefined.",
        facts: [
          { name: "n", value: 1000 },
          { name: "k", value: 10 },
          { name: "direction", value: "higher is better" },
          { name: "chance", value: 0.01 }
        ],
        rows: names,
        columns: names,
        panels: [
          {
            name: "",
            value: { name: "mutual kNN" },
            scale: "sequential",
            values: names.map((_, row) =>
              names.map((__, column) =>
                row === column ? null : 0.1 + 0.4 * Math.abs(Math.sin(row * column))
              )
            ),
            references: [{ value: 0.01, label: "chance" }]
          }
        ]
      }
    },
    {
      node: "loss",
      figure: {
        type: "curves",
        title: "Loss of five seeds",
        caption: "Sigmoid loss against step, logarithmic; the band is the range over seeds.",
        x: { name: "step", log: true },
        y: { name: "loss", unit: "nats", log: true },
        series: [
          ...["relative bias", "absolute bias"].map((name, index) => ({
            name,
            x: steps,
            y: steps.map((step) => (0.7 + index * 0.4) * step ** -0.6 * (1 + 0.05 * random.gaussian())),
            low: steps.map((step) => (0.55 + index * 0.4) * step ** -0.6),
            high: steps.map((step) => (0.9 + index * 0.4) * step ** -0.6)
          })),
          { name: "lower bound", x: [1, 5000], y: [0.02, 0.002], muted: true, marks: "line" as const }
        ]
      }
    },
    {
      node: "margins",
      figure: {
        type: "scatter",
        title: "Margin found against margin proved",
        caption: "Each point is one relevance matrix; the dotted line is equality.",
        x: { name: "upper bound", unit: "margin" },
        y: { name: "margin found", unit: "margin" },
        diagonal: true,
        series: ["k = 2", "k = 3"].map((name, index) => ({
          name,
          x: Array.from({ length: 20 }, (_, i) => 0.05 + 0.02 * i),
          y: Array.from({ length: 20 }, (_, i) => (0.05 + 0.02 * i) * (0.93 - 0.08 * index)),
          low: Array.from({ length: 20 }, (_, i) => (0.05 + 0.02 * i) * (0.87 - 0.08 * index)),
          high: Array.from({ length: 20 }, (_, i) => (0.05 + 0.02 * i) * (0.97 - 0.08 * index)),
          labels: Array.from({ length: 20 }, (_, i) => `n = ${10 * (i + 1)}`)
        }))
      }
    },
    {
      node: "recall",
      figure: {
        type: "bars",
        title: "Recall by loss",
        caption: "recall@2 on 46 queries, with bootstrap intervals.",
        categories: ["d = 4", "d = 8", "d = 16"],
        draw: "bars",
        panels: [
          {
            name: "",
            value: { name: "recall@2" },
            series: ["sigmoid", "InfoNCE", "direct solve"].map((name, index) => ({
              name,
              values: [0.3 + index * 0.1, 0.5 + index * 0.12, index === 1 ? null : 0.9],
              low: [0.25 + index * 0.1, 0.45 + index * 0.12, 0.85],
              high: [0.36 + index * 0.1, 0.55 + index * 0.12, 0.95]
            })),
            references: [{ value: 0.043, label: "chance" }]
          }
        ]
      }
    },
    {
      node: "scores",
      figure: {
        type: "histogram",
        title: "Inner products of pairs",
        caption: "Matching and other pairs after training, counts on a logarithmic axis.",
        x: { name: "inner product" },
        logCount: true,
        panels: [
          {
            name: "",
            edges,
            series: [
              {
                name: "matching",
                counts: edges
                  .slice(1)
                  .map((edge) => Math.round(400 * Math.exp(-(((edge - 0.7) / 0.12) ** 2))))
              },
              {
                name: "other",
                counts: edges
                  .slice(1)
                  .map((edge) => Math.round(30000 * Math.exp(-(((edge + 0.1) / 0.2) ** 2))))
              }
            ],
            references: [{ value: 0.4, label: "relative bias" }]
          }
        ]
      }
    },
    {
      node: "constellation",
      figure: {
        type: "scatter3d",
        title: "A constellation in three dimensions",
        caption: "Texts and images on the unit sphere; matching pairs are joined.",
        finding: "All 24 pairs are nearest neighbours of each other.",
        axes: ["x", "y", "z"],
        sphere: true,
        series: [
          { name: "text", points: directions },
          { name: "image", points: partner }
        ],
        links: directions.map((_, index) => ({ from: [0, index] as const, to: [1, index] as const }))
      }
    },
    {
      node: "parameterisations",
      figure: {
        type: "table",
        title: "Parameterisations side by side",
        caption: "Final values, mean over five seeds.",
        columns: [
          { name: "run" },
          { name: "inverse temperature" },
          { name: "relative bias", digits: 4 },
          { name: "margin" }
        ],
        rows: [
          ["relative", 56.27, 0.721, 0.1234],
          ["absolute", 165.68, -0.0533, 1.2e-8],
          ["fixed t", 10, null, null]
        ]
      }
    }
  ]
}
