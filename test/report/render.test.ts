import { describe, expect, it } from "vitest"
import type { ReportInput, ReportNode } from "../../report/input.ts"
import { element, scriptJson, text } from "../../report/markup.ts"
import { renderContent, renderPage, renderReport } from "../../report/render.ts"
import { wordsReport } from "../support/reportFixture.ts"
import { malformed } from "../support/wellFormed.ts"

const report = wordsReport()

const chain = (size: number, name: (index: number) => string): ReadonlyArray<ReportNode> =>
  Array.from({ length: size }, (_, index) => ({
    name: name(index),
    stage: "example/step",
    description: "One step.",
    status: index === 7 ? ("failed" as const) : ("ran" as const),
    seconds: 0.1,
    fingerprint: "f".repeat(64),
    params: { index },
    inputs: index < 5 ? {} : { before: `${name(index - 1 - (index % 5))}.out` },
    outputs: { out: { kind: "Series", digest: "a".repeat(64), rows: 10, dims: null } }
  }))

const boxes = (page: string): number => page.match(/data-node="/g)?.length ?? 0

describe("a report", () => {
  it("is well formed, the same every time, and small", () => {
    const page = renderReport(report)
    expect(malformed(page)).toBeUndefined()
    expect(renderReport(report)).toBe(page)
    expect(page.length).toBeLessThan(1_000_000)
  })
  it("refers to nothing outside itself", () => {
    const page = renderReport(report)
    expect(page.match(/\b(?:src|href)="(?!#|data:)[^"]*"/g)).toBeNull()
    expect(page).not.toMatch(/@import|url\((?!#|data:)/)
    expect(page).toMatch(/default-src &#39;none&#39;/)
  })
  it("gives the findings of its figures as the summary", () => {
    const page = renderReport(report)
    const summary = /<p class="summary">(.*?)<\/p>/s.exec(page)![1]!
    for (const { figure } of report.figures) expect(summary).toContain(figure.finding!.replace("'", "&#39;"))
  })
  it("escapes names wherever they appear", () => {
    const hostile = `<img src=x onerror=alert(1)>"'&`
    const page = renderReport({
      ...report,
      pipeline: hostile,
      description: hostile,
      run: {
        ...report.run,
        id: hostile,
        command: hostile,
        versions: { [hostile]: hostile },
        host: { [hostile]: hostile }
      },
      nodes: [
        {
          ...report.nodes[0]!,
          name: hostile,
          stage: hostile,
          description: hostile,
          params: { [hostile]: hostile },
          inputs: { [hostile]: `${hostile}.out` },
          outputs: { [hostile]: { kind: hostile, digest: hostile, rows: 1, dims: 1 } }
        }
      ],
      figures: report.figures.slice(0, 1).map(({ figure }) => ({
        node: hostile,
        figure: {
          ...figure,
          title: hostile,
          caption: hostile,
          finding: hostile,
          facts: [{ name: hostile, value: hostile }]
        }
      })),
      tables: [
        {
          node: hostile,
          output: hostile,
          kind: hostile,
          columns: [{ name: hostile, type: "utf8" }],
          rows: [[hostile]]
        }
      ]
    } as ReportInput)
    expect(malformed(page)).toBeUndefined()
    expect(page).not.toContain("<img")
  })
  it("stands without figures, tables or nodes", () => {
    const page = renderReport({ ...report, nodes: [], figures: [], tables: [] })
    expect(malformed(page)).toBeUndefined()
    expect(page).toContain("The pipeline has no nodes.")
    expect(page).not.toContain("<h2>Figures</h2>")
  })
  it("draws fifty nodes one by one, folds large groups, and lists what it cannot draw", () => {
    const fifty = renderReport({ ...report, nodes: chain(50, (index) => `node-${index}`) })
    expect(malformed(fifty)).toBeUndefined()
    expect(boxes(fifty)).toBe(50)
    expect(fifty).toContain("This run did not finish: node-7 failed")
    const grouped = renderReport({
      ...report,
      nodes: chain(300, (index) => `group${index % 4}/cell-${index}`)
    })
    expect(boxes(grouped)).toBe(4)
    const many = renderReport({ ...report, nodes: chain(500, (index) => `node-${index}`) })
    expect(boxes(many)).toBe(0)
    expect(many).toContain("500 nodes: too many to draw")
    expect(many).toContain('id="node-node-499"')
  })
  it("says what it leaves out of a table that is too large, and where the rest is", () => {
    const rows = Array.from({ length: 100_000 }, (_, row) => [`w${row}`, Math.sin(row), Math.cos(row)])
    const page = renderReport(
      {
        ...report,
        tables: [
          {
            node: "frequencies",
            output: "frequencies",
            kind: "Frequencies",
            columns: [
              { name: "key", type: "utf8" },
              { name: "count", type: "float64" },
              { name: "frequency", type: "float64" }
            ],
            rows,
            digest: "0123456789abcdef".repeat(4)
          }
        ]
      },
      { tableBudget: 1_000_000 }
    )
    expect(page.length).toBeLessThan(1_600_000)
    expect(page).toContain("first 2,000 of 100,000 rows")
    expect(page).toContain("asterism export 0123456789ab --to frequencies.csv")
  })
  it("takes no string that was not escaped, by its types", () => {
    const data: string = "<script>alert(1)</script>"
    // @ts-expect-error a plain string is no markup
    element("p", {}, data)
    // @ts-expect-error nor is what is put together from markup
    element("p", {}, `${text("a")}${text("b")}`)
    expect(element("p", { title: data }, text(data))).toBe(
      '<p title="&lt;script&gt;alert(1)&lt;/script&gt;">&lt;script&gt;alert(1)&lt;/script&gt;</p>'
    )
    const json = scriptJson({ "</script><!--": data })
    expect(json).not.toContain("<")
    expect(JSON.parse(json)).toEqual({ "</script><!--": data })
  })
  it("shows what is one run's own around content that runs share", () => {
    const content = renderContent(report)
    const other = { ...report, run: { ...report.run, id: "r-other", host: { name: "elsewhere" } } }
    expect(renderPage(other, JSON.parse(JSON.stringify(content)))).toBe(renderReport(other))
    expect(renderReport(other)).toContain("elsewhere")
    expect(renderReport(other)).not.toContain(report.run.id)
  })
})
