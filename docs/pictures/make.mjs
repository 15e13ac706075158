/**
 * Takes the pictures of the README and the docs from a report, with Debian's Chromium:
 * `node docs/pictures/make.mjs .asterism/runs/<run>/report.html`
 */
import { dirname, join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { chromium } from "playwright-core"

const [report] = process.argv.slice(2)
if (report === undefined) {
  console.error("Usage: node docs/pictures/make.mjs <report.html>")
  process.exit(2)
}
const folder = dirname(fileURLToPath(import.meta.url))
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
})

const open = async (scheme) => {
  const page = await browser.newPage({ viewport: { width: 1120, height: 900 }, colorScheme: scheme })
  await page.goto(pathToFileURL(resolve(report)).href)
  return page
}
/** From the top of the page to just above an element. */
const upTo = async (page, selector, path) => {
  const { y } = await page
    .locator(selector)
    .evaluate((node) => ({ y: node.getBoundingClientRect().top + scrollY }))
  await page.screenshot({
    path: join(folder, path),
    fullPage: true,
    clip: { x: 0, y: 0, width: 1120, height: y - 20 }
  })
}

for (const scheme of ["light", "dark"]) {
  const page = await open(scheme)
  await upTo(page, "#figure-2", `report-${scheme}.png`)
  if (scheme === "light") {
    const frequency = page.locator('[id^="figure-"]', { hasText: "Alignment against word frequency" })
    await frequency.locator(".drawing").screenshot({ path: join(folder, "frequency.png") })
    await page.locator('.graph .box[data-node="align"]').click()
    await page.locator(".graph").screenshot({ path: join(folder, "graph.png") })
  }
  await page.close()
}
await browser.close()
