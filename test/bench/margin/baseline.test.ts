/** The baseline must be right to be worth beating: its gradient, and margins that are known. Needs python3 with numpy. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { baseline } from "../../../bench/margin/baseline.ts"
import { completeGraph } from "../../../compute/margin/graphs.ts"
import { fromLists } from "../../../compute/margin/Relevance.ts"

const folder = fileURLToPath(new URL("../../../bench/margin", import.meta.url))
const here = spawnSync("python3", ["-c", "import numpy"]).status === 0
if (!here) console.log("skipped: the Adam baseline needs python3 with numpy")

/** Central differences of the soft minimum, written from its definition, beside `Problem.slopes`. */
const check = `
import sys; sys.path.insert(0, ${JSON.stringify(folder)})
import adam, numpy as np
lists, b, h = [[0, 2], [1], [0, 1, 2, 3], [], [3, 4, 2], [5], [0, 1, 2, 3, 4, 5]], 5.0, 1e-5
worst = 0
for threshold in ("zero", "global", "row"):
    p = adam.Problem(6, lists, 3, threshold)
    relevant = p.relevant.T
    def soft(s):
        e = np.exp(-b * np.where(relevant, s, -s))
        if threshold == "zero": return -np.log(e.sum()) / b
        if threshold == "global": return -np.log(e[relevant].sum()) / b - np.log(e[~relevant].sum()) / b
        return -np.log(((e * relevant).sum(0) * (e * ~relevant).sum(0)).sum()) / b
    s = np.random.default_rng(1).uniform(-1, 1, (2, 6, p.rows))
    slopes = s.astype(np.float32)
    p.slopes(slopes, b)
    for of, slope in zip(s, slopes):
        for at in np.ndindex(of.shape):
            up, down = of.copy(), of.copy()
            up[at] += h; down[at] -= h
            worst = max(worst, abs(-(soft(up) - soft(down)) / (2 * h) - slope[at]))
print(worst)
`

describe.skipIf(!here)("the Adam baseline", () => {
  it("has the gradient of what it says", () => {
    const { stderr, stdout } = spawnSync("python3", ["-c", check], { encoding: "utf8" })
    expect(stderr).toBe("")
    // Steps are in float32.
    expect(Number(stdout)).toBeLessThan(1e-6)
  })

  it("finds the simplex and the icosahedron, three thresholds within its time", async () => {
    const thresholds = ["zero", "global", "row"] as const
    const simplex = await baseline(completeGraph(4, 1), { dim: 3, seconds: 1.5, thresholds })
    // (1 − cos) / 2 with cos = −1/3; sharpness 3,000 leaves 1e-3 at most.
    expect(simplex.margins.global?.margin).toBeGreaterThan(2 / 3 - 1e-3)
    expect(simplex.margins.global?.margin).toBeLessThanOrEqual(2 / 3 + 1e-12)
    expect(simplex.margins.row?.margin).toBeGreaterThan(2 / 3 - 1e-3)
    expect(simplex.numpy).toMatch(/^numpy \d/)
    const icosahedron = await baseline(completeGraph(12, 1), { dim: 3, seconds: 1, thresholds: ["global"] })
    expect(icosahedron.margins.global?.margin).toBeCloseTo((1 - 1 / Math.sqrt(5)) / 2, 3)
    expect(icosahedron.margins.zero).toBeUndefined()
  })

  it("leaves out what a matrix has not", async () => {
    const { margins } = await baseline(fromLists(2, [[0, 1]]), {
      dim: 2,
      seconds: 0.3,
      thresholds: ["zero", "global", "row"],
      seeds: [0]
    })
    expect(Object.keys(margins)).toEqual(["zero"])
    expect(margins.zero?.margin).toBeGreaterThan(0.99)
  })
})
