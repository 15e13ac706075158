/**
 * The report in a real browser, from a file, without a network. Skipped, with the reason printed, where there is no
 * Chromium at /usr/bin/chromium (or at CHROMIUM).
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { chromium, type Browser, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { toCsv, type Cell } from "../../report/csv.ts"
import { drawFigure } from "../../report/figures/draw.ts"
import { formatNumber, formatShort } from "../../report/numbers.ts"
import { renderReport } from "../../report/render.ts"
import { figureGallery } from "../support/figureGallery.ts"
import { wordsReport } from "../support/reportFixture.ts"

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium"
const present = existsSync(executablePath)
if (!present)
  console.warn(`Skipping the browser tests of the report: there is no browser at ${executablePath}.`)

const report = wordsReport()
const folder = mkdtempSync(join(tmpdir(), "asterism-report-"))
const wordsFile = join(folder, "words.html")
const galleryFile = join(folder, "gallery.html")

let browser: Browser
/** What the page complained about, and every request that was not the page itself. */
const problems: Array<string> = []

const open = async (
  file: string,
  options: { readonly width?: number; readonly dark?: boolean; readonly scripts?: boolean } = {}
): Promise<Page> => {
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.dark === true ? "dark" : "light",
    javaScriptEnabled: options.scripts ?? true,
    acceptDownloads: true
  })
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text())
  })
  page.on("pageerror", (error) => problems.push(error.message))
  page.on("request", (request) => {
    if (
      !request.url().startsWith("file:") &&
      !request.url().startsWith("blob:") &&
      !request.url().startsWith("data:")
    )
      problems.push(`request: ${request.url()}`)
  })
  await page.goto(pathToFileURL(file).href)
  return page
}

const downloaded = async (
  page: Page,
  selector: string
): Promise<{ readonly name: string; readonly content: string }> => {
  const waiting = page.waitForEvent("download")
  await page.locator(selector).first().click()
  const download = await waiting
  return { name: download.suggestedFilename(), content: readFileSync(await download.path(), "utf8") }
}

/** A reader of CSV that is not ours to trust: RFC 4180 by a regular expression. */
const readCsv = (csv: string): ReadonlyArray<ReadonlyArray<string | null>> => {
  const rows: Array<Array<string | null>> = []
  let row: Array<string | null> = []
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    row.push(quoted === undefined ? (plain === "" ? null : plain!) : quoted.replaceAll('""', '"'))
    if (end === "\n") {
      rows.push(row)
      row = []
    }
  }
  return rows
}

const sameCell = (read: string | null, cell: Cell): boolean =>
  cell === null ? read === null : typeof cell === "number" ? Number(read) === cell : read === String(cell)

describe.skipIf(!present)("the report in a browser", () => {
  beforeAll(async () => {
    writeFileSync(wordsFile, renderReport(report))
    writeFileSync(galleryFile, renderReport({ ...report, tables: [], figures: figureGallery() }))
    browser = await chromium.launch({
      executablePath,
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync"
      ]
    })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
    expect(problems).toEqual([])
  })

  it("downloads every table as CSV, to the last digit", async () => {
    const page = await open(wordsFile)
    for (const [index, table] of report.tables.entries()) {
      const { content, name } = await downloaded(page, `[data-download="table-${index + 1}"]`)
      expect(name).toBe(`words-${table.node}.${table.output}.csv`)
      const [header, ...rows] = readCsv(content)
      expect(header).toEqual(table.columns.map((column) => column.name))
      expect(rows).toHaveLength(table.rows.length)
      for (const [at, row] of table.rows.entries())
        for (const [column, cell] of row.entries()) expect(sameCell(rows[at]![column]!, cell)).toBe(true)
    }
    await page.close()
  })

  it("downloads the numbers of a figure, and its picture", async () => {
    const page = await open(wordsFile)
    await page.locator("#figure-1 details summary").last().click()
    const numbers = await downloaded(page, '[data-download="figure-1"]')
    expect(numbers.content).toBe(toCsv(drawFigure(report.figures[0]!.figure).data))
    const picture = await downloaded(page, '[data-picture="figure-1"]')
    expect(picture.name).toBe("words-heatmap.svg")
    const parsed = await page.evaluate((source) => {
      const tree = new DOMParser().parseFromString(source, "image/svg+xml")
      return {
        error: tree.querySelector("parsererror")?.textContent ?? "",
        cells: tree.querySelectorAll(".cell").length
      }
    }, picture.content)
    // Three panels of four views: twelve cells each.
    expect(parsed).toEqual({ error: "", cells: 36 })
    await page.close()
  })

  it("shows a cell's value on hover and by keyboard, and switches between metrics", async () => {
    const page = await open(wordsFile)
    const cell = page.locator("#figure-1 .group:not([hidden]) .mark.cell").first()
    const tip = page.locator("#tip")
    // Bringing the figure into view scrolls, which hides a tip: the pointer comes after that, and again where it came early.
    await cell.scrollIntoViewIfNeeded()
    await expect
      .poll(
        async () => {
          await page.mouse.move(0, 0)
          await cell.hover()
          return tip.isVisible()
        },
        { timeout: 10_000 }
      )
      .toBe(true)
    expect(await tip.textContent()).toBe(await cell.getAttribute("data-tip"))
    expect(await tip.textContent()).toMatch(
      /glove × use[\s\S]*null of the same rows, permuted: mean [\d.]+, sd /
    )
    await page.locator("#figure-1 [role=tab]").nth(4).click()
    expect(await page.locator("#figure-1 .group:not([hidden])").getAttribute("data-group")).toBe("CKA")
    await page.locator("#figure-1 .group:not([hidden]) svg.plot").first().focus()
    await page.keyboard.press("ArrowRight")
    expect(await tip.textContent()).toMatch(/^glove × use\n/)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowRight")
    expect(await tip.textContent()).toMatch(/^ppmi-glosses × ppmi-books|^ppmi-glosses × use|^use × /)
    await page.close()
  })

  it("pages, sorts and filters a long table", async () => {
    const page = await open(wordsFile)
    const holder = page.locator('[data-table="table-6"]')
    await page.locator("#tables details summary").nth(5).click()
    await expect.poll(() => holder.locator("tbody tr").count()).toBe(25)
    expect(await holder.locator("[role=status]").textContent()).toBe("1–25 of 5,000")
    await holder.getByRole("button", { name: "Next rows" }).click()
    expect(await holder.locator("tbody td").first().textContent()).toBe("word25")
    await holder.getByRole("button", { name: "count" }).click()
    await holder.getByRole("button", { name: "count" }).click()
    expect(await holder.locator("th").nth(1).getAttribute("aria-sort")).toBe("ascending")
    // The last three counts are equal: sorting keeps their order.
    expect(
      (await holder.locator("tbody td").allTextContents()).filter((_, cell) => cell % 3 === 0).slice(0, 3)
    ).toEqual(["word4997", "word4998", "word4999"])
    await holder.getByRole("searchbox").fill(`'n' "roll`)
    expect(await holder.locator("tbody td").allTextContents()).toEqual([
      `rock 'n' "roll", <b>`,
      formatShort(Math.round(1e7 / 9)),
      formatShort(0.1 / 9)
    ])
    await page.close()
  })

  it("shows what a node is when its box is chosen", async () => {
    const page = await open(wordsFile)
    await page.locator('.graph .box[data-node="align"]').click()
    const panel = page.locator("#node-panel")
    const shown = await panel.textContent()
    const node = report.nodes.find(({ name }) => name === "align")!
    for (const part of [node.stage, node.fingerprint.slice(0, 12), "subsampleSize", "raw/glove.embeddings"])
      expect(shown).toContain(part)
    // Everything of the study leads to or from `align`, but for the windows and their figures.
    const faded = await page
      .locator(".graph .box.faded")
      .evaluateAll((boxes) => boxes.map((box) => box.getAttribute("data-node")))
    expect(faded.toSorted()).toEqual(["frequency", "overlap", "windows"])
    await panel.getByRole("button", { name: "Close" }).click()
    expect(await panel.textContent()).toBe("")
    await page.close()
  })

  it("picks out a series by its legend", async () => {
    const page = await open(wordsFile)
    await page.locator("#figure-3 .legend button").first().click()
    const dimmed = await page.locator("#figure-3 svg.plot g.dimmed").count()
    // Six pairs in three panels: all but the chosen one.
    expect(dimmed).toBe(15)
    await page.close()
  })

  it("turns points in space by dragging and by keyboard", async () => {
    const page = await open(galleryFile)
    const plot = page.locator(".turnable svg.plot")
    await plot.scrollIntoViewIfNeeded()
    const where = () =>
      page.locator('.turnable [data-point="0,3"]').evaluate((mark) => {
        const box = mark.getBoundingClientRect()
        return [box.x, box.y]
      })
    const links = () => page.locator(".turnable .link").first().getAttribute("d")
    const [start, linkStart] = [await where(), await links()]
    const box = (await plot.boundingBox())!
    await page.mouse.move(box.x + 100, box.y + 100)
    await page.mouse.down()
    await page.mouse.move(box.x + 200, box.y + 130, { steps: 5 })
    await page.mouse.up()
    await expect.poll(where).not.toEqual(start)
    expect(await links()).not.toBe(linkStart)
    const turned = await where()
    await plot.focus()
    await page.keyboard.press("Shift+ArrowLeft")
    expect(await where()).not.toEqual(turned)
    await page.close()
  })

  it("writes numbers as the server does", async () => {
    const page = await open(wordsFile)
    const values = [0.123456, 12.5, 1234.567, 2e-7, 4e9 + 0.5, -0.5, 100, 0]
    const csv = {
      csv: toCsv({ columns: ["v"], rows: values.map((value) => [value]) }),
      columns: [{ name: "v", numeric: true }],
      fileName: "v"
    }
    await page.evaluate((data) => {
      document.getElementById("data-table-5")!.textContent = JSON.stringify(data)
    }, csv)
    await page.locator("#tables details summary").nth(4).click()
    const cells = page.locator('[data-table="table-5"] tbody td')
    await expect.poll(() => cells.count()).toBe(values.length)
    expect(await cells.allTextContents()).toEqual(values.map((value) => formatShort(value)))
    expect(formatNumber(0)).toBe("0")
    await page.close()
  })

  it.each([
    [1280, false],
    [390, true]
  ])("fits a screen %i wide (dark: %s)", async (width, dark) => {
    for (const file of [wordsFile, galleryFile]) {
      const page = await open(file, { width, dark })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(background).toBe(dark ? "rgb(20, 23, 27)" : "rgb(255, 255, 255)")
      await page.locator("#theme").click()
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe(background)
      await page.close()
    }
  })

  it("gives every picture a name, every button a name, every image a text", async () => {
    const page = await open(galleryFile)
    const nameless = await page.evaluate(
      () =>
        [...document.querySelectorAll("svg:not([aria-hidden]), button, input")].filter(
          (part) => (part.getAttribute("aria-label") ?? part.textContent ?? "").trim() === ""
        ).length
    )
    expect(nameless).toBe(0)
    const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map((part) => part.id))
    expect(new Set(ids).size).toBe(ids.length)
    await page.close()
  })

  it("prints all metrics, on paper colours, and works without scripts", async () => {
    const page = await open(wordsFile, { dark: true })
    await page.emulateMedia({ media: "print", colorScheme: "dark" })
    expect(await page.locator("#figure-1 .group").nth(7).isVisible()).toBe(true)
    expect(await page.evaluate(() => getComputedStyle(document.body).color)).toBe("rgb(22, 25, 29)")
    expect((await page.pdf()).byteLength).toBeGreaterThan(50_000)
    await page.close()
    const still = await open(wordsFile, { scripts: false })
    expect(await still.locator("#figure-1 .group").nth(7).isVisible()).toBe(true)
    await still.locator('.graph .box[data-node="align"]').click()
    expect(still.url()).toMatch(/#node-align$/)
    await still.close()
  })
})
