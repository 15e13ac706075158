/**
 * Our direct solver against the published recipe on the same machine: `npm run bench:margin [-- --quick] [-- --json]`.
 *
 * For each cell the solver runs once to its end and is timed; the recipe's time is that of ≥ 200 measured PyTorch steps
 * (50 with --quick) times its 100,000. The two alternate, cell by cell. Needs python3 with PyTorch; without it the
 * recipe's columns are left out. Margins are half gaps under one global threshold.
 */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { dimensionFree } from "../../compute/margin/bound/dimensionFree.ts"
import { completeGraph } from "../../compute/margin/graphs.ts"
import { solveDimension } from "../../compute/margin/solve/solveDimension.ts"
import { dimensions, sigmoid } from "./reference.ts"
import { now } from "./results.ts"

const quick = process.argv.includes("--quick")
const json = process.argv.includes("--json")
const cells = quick
  ? [[20, 15]]
  : [
      [20, 15],
      [100, 15],
      [240, 15]
    ]

export interface TimedCell {
  readonly n: number
  readonly d: number
  readonly margin: number
  readonly published: number
  readonly upperBound: number | null
  readonly seconds: number
  readonly recipeSeconds: number | null
  readonly ratio: number | null
}

const recipe = (n: number, d: number): number | undefined => {
  for (const python of ["/usr/bin/python3", "python3"]) {
    try {
      const output = execFileSync(
        python,
        [
          fileURLToPath(new URL("./reference.py", import.meta.url)),
          String(n),
          "2",
          String(d),
          quick ? "50" : "200"
        ],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }
      )
      return (JSON.parse(output) as { secondsPerStep: number }).secondsPerStep * 100_000
    } catch {
      // Try the next interpreter.
    }
  }
  return undefined
}

const rows: Array<TimedCell> = []
for (const [n, d] of cells) {
  const a = completeGraph(n, 2)
  const started = performance.now()
  const free = dimensionFree(a, "global")
  const solved = await solveDimension(a, "global", {
    dims: d,
    seed: `bench ${n} ${d}`,
    rounds: 1,
    ...(free.embeddings === undefined ? {} : { dimensionFree: free.embeddings })
  })
  const seconds = (performance.now() - started) / 1000
  const published = sigmoid[n][dimensions.indexOf(d as 15)]
  const recipeSeconds = recipe(n, d)
  rows.push({
    n,
    d,
    margin: solved.margin,
    published,
    upperBound: free.upper,
    seconds,
    recipeSeconds: recipeSeconds ?? null,
    ratio: recipeSeconds === undefined ? null : recipeSeconds / seconds
  })
}

if (json)
  console.log(
    JSON.stringify({
      ...now(),
      rows,
      ratios: Object.fromEntries(rows.map((row) => [`n${row.n}-d${row.d}`, row.ratio]))
    })
  )
else {
  console.log("n    d   margin    published  bound     ours (s)  recipe, 100,000 steps (s)  ratio")
  for (const row of rows) {
    console.log(
      [
        String(row.n).padEnd(4),
        String(row.d).padEnd(3),
        row.margin.toFixed(5).padEnd(9),
        String(row.published).padEnd(10),
        (row.upperBound ?? Number.NaN).toFixed(5).padEnd(9),
        row.seconds.toFixed(1).padEnd(9),
        (row.recipeSeconds?.toFixed(0) ?? "–").padEnd(26),
        row.ratio?.toFixed(0) ?? "–"
      ].join(" ")
    )
  }
}
