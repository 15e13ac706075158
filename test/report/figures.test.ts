import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { toCsv } from "../../report/csv.ts"
import { drawFigure } from "../../report/figures/draw.ts"
import { FigureSchema, type Curves, type FigureValue, type Heatmap } from "../../schemas/Figure.ts"
import { figureGallery } from "../support/figureGallery.ts"
import { wordsReport } from "../support/reportFixture.ts"
import { malformed } from "../support/wellFormed.ts"

const figures = [...figureGallery(), ...wordsReport().figures]

const heatmap: Heatmap = {
  type: "heatmap",
  title: "two by two",
  caption: "by hand",
  rows: ["a", `<script>alert("x")</script>`],
  columns: ["c", "d & e"],
  panels: [
    {
      name: "raw",
      value: { name: "v" },
      scale: "sequential",
      values: [
        [0, null],
        [0.5, 1]
      ],
      notes: [
        ["null 0.1 ± 0.2", null],
        [null, null]
      ]
    }
  ]
}

const curves: Curves = {
  type: "curves",
  title: "line",
  caption: "by hand",
  x: { name: "x" },
  y: { name: "y" },
  series: [{ name: "s", x: [0, 1, 2, 3], y: [0, 1, null, 3], fit: { slope: 1, intercept: 0, r2: 1 } }],
  references: [{ axis: "y", value: 0.5, label: "chance" }]
}

describe("figures", () => {
  it.each(figures.map(({ figure, node }) => [node, figure] as const))(
    "%s is well formed, has a text alternative and survives its schema",
    (_, figure) => {
      const drawing = drawFigure(figure)
      expect(malformed(drawing.body)).toBeUndefined()
      if (figure.type !== "table")
        expect(drawing.body).toMatch(/<svg[^>]* role="img"[^>]* aria-label="[^"]{20,}/)
      expect(drawing.body).not.toMatch(/NaN|undefined|Infinity/)
      const again = Schema.decodeUnknownSync(FigureSchema)(
        JSON.parse(JSON.stringify(Schema.encodeSync(FigureSchema)(figure)))
      )
      expect(again).toEqual(figure)
    }
  )
  it("are the same on every call", () => {
    for (const { figure } of figures) expect(drawFigure(figure)).toEqual(drawFigure(figure))
  })
  it("survive without any data", () => {
    const empty: ReadonlyArray<FigureValue> = [
      { ...heatmap, rows: [], columns: [], panels: [] },
      {
        ...heatmap,
        panels: [
          {
            ...heatmap.panels[0]!,
            values: [
              [null, null],
              [null, null]
            ]
          }
        ]
      },
      { ...curves, series: [] },
      { ...curves, series: [{ name: "s", x: [], y: [] }] },
      { ...curves, series: [{ name: "s", x: [1], y: [null] }], y: { name: "y", log: true } },
      { ...curves, type: "scatter", diagonal: true, series: [] },
      {
        type: "bars",
        title: "t",
        caption: "c",
        categories: [],
        draw: "bars",
        panels: [{ name: "", value: { name: "v" }, series: [] }]
      },
      {
        type: "histogram",
        title: "t",
        caption: "c",
        x: { name: "x" },
        panels: [{ name: "", edges: [], series: [] }]
      },
      { type: "scatter3d", title: "t", caption: "c", axes: ["x", "y", "z"], series: [] },
      { type: "table", title: "t", caption: "c", columns: [], rows: [] }
    ]
    for (const figure of empty) {
      const { body } = drawFigure(figure)
      expect(malformed(body)).toBeUndefined()
      expect(body).not.toMatch(/NaN|Infinity/)
    }
  })
})

describe("a heatmap", () => {
  const { body, data } = drawFigure(heatmap)
  it("escapes keys and shows values, nulls and notes", () => {
    expect(body).not.toContain("<script")
    expect(body).toContain("&lt;script&gt;")
    expect(body).toContain("d &amp; e")
    expect(body).toContain("null 0.1 ± 0.2")
    expect(body.match(/class="mark cell/g)).toHaveLength(3)
  })
  it("colours the least and greatest value with the ends of the scale", () => {
    expect(body).toContain('class="mark cell q0"')
    expect(body).toContain('class="mark cell q20"')
    expect(body).toContain('class="mark cell q40"')
  })
  it("has its numbers as a tidy table", () => {
    expect(toCsv(data).split("\n").slice(0, 3)).toEqual([
      "panel,row,column,value,note",
      "raw,a,c,0,null 0.1 ± 0.2",
      `raw,"<script>alert(""x"")</script>",c,0.5,`
    ])
  })
  it("stays small with many cells", () => {
    const names = Array.from({ length: 300 }, (_, index) => `v${index}`)
    const large = drawFigure({
      ...heatmap,
      rows: names,
      columns: names,
      panels: [
        {
          name: "",
          value: { name: "v" },
          scale: "sequential",
          values: names.map((_, row) =>
            names.map((__, column) => (row === column ? null : Math.sin((row * column) / 9000)))
          )
        }
      ]
    })
    expect(malformed(large.body)).toBeUndefined()
    expect(large.body.length).toBeLessThan(2_000_000)
    expect(large.data.rows).toHaveLength(300 * 299)
    expect(large.note).toContain("Too many cells")
  })
  it("shares one scale between panels of a group that measure the same", () => {
    const panel = heatmap.panels[0]!
    const two = drawFigure({
      ...heatmap,
      panels: [
        panel,
        {
          ...panel,
          name: "centred",
          values: [
            [2, null],
            [2, 2]
          ]
        }
      ]
    })
    expect(two.body.match(/class="mark cell q40"/g)).toHaveLength(3)
    expect(two.body.match(/class="mark cell q20"/g)).toHaveLength(1)
  })
})

describe("curves", () => {
  const drawing = drawFigure(curves)
  it("mark chance and give the fit in words and as a table", () => {
    expect(drawing.body).toMatch(/class="reference"><line[^>]*><\/line><text[^>]*>chance/)
    expect(drawing.body).toContain("slope 1, R² 1")
    expect(drawing.fits).toEqual({
      columns: ["series", "slope", "intercept", "R²", "points"],
      rows: [["s", 1, 0, 1, 3]]
    })
  })
  it("leave a gap where there is no number, and keep it in the data", () => {
    const { body, data } = drawFigure({ ...curves, series: [{ ...curves.series[0]!, marks: "line" }] })
    expect(body).toMatch(/d="M[\d. ]+L[\d. ]+M[\d. ]+" class="line"/)
    expect(data.rows).toContainEqual(["s", 2, null])
  })
  it("thin a long line without losing its extremes or its data", () => {
    const x = Array.from({ length: 50_000 }, (_, index) => index)
    const y = x.map((value) => (value === 31_337 ? 100 : Math.sin(value / 50)))
    const long = drawFigure({ ...curves, series: [{ name: "s", x, y, marks: "line" }] })
    expect(long.body.length).toBeLessThan(60_000)
    expect(long.data.rows).toHaveLength(50_000)
    const whole = drawFigure({
      ...curves,
      series: [{ name: "s", x: [0, 31_337, 49_999], y: [0, 100, 0], marks: "line" }]
    })
    const peak = /L([\d.]+ [\d.]+)L/.exec(whole.body)![1]!
    expect(long.body).toContain(peak)
  })
  it("say so where a cloud is thinned", () => {
    const x = Array.from({ length: 9000 }, (_, index) => index)
    const cloud = drawFigure({ ...curves, type: "scatter", series: [{ name: "s", x, y: x }] })
    expect(cloud.note).toMatch(/one in 3 of 9,000 points/)
    expect(cloud.data.rows).toHaveLength(9000)
  })
})
