/** Debian's numpy, pandas and scipy as referees; tests that need them are skipped, with the reason, where they are absent. */
import { spawnSync } from "node:child_process"

const interpreter = "/usr/bin/python3"

const probe = spawnSync(interpreter, ["-c", "import numpy, pandas, scipy.sparse"], { encoding: "utf8" })

/** Undefined where Python can be asked. */
export const absent: string | undefined =
  probe.status === 0
    ? undefined
    : "numpy, pandas and scipy are not installed (apt-get install python3-numpy python3-pandas python3-scipy)"

if (absent !== undefined) console.warn(`skipped: ${absent}`)

/** Runs a script in `folder` and parses the last line it prints as JSON. */
export const python = (folder: string, script: string): unknown => {
  const result = spawnSync(
    interpreter,
    ["-c", `import json, numpy as np, pandas as pd, scipy.sparse as sp\n${script}`],
    { cwd: folder, encoding: "utf8" }
  )
  if (result.status !== 0) throw new Error(result.stderr)
  const last = result.stdout.trim().split("\n").at(-1)
  return last === undefined || last === "" ? undefined : JSON.parse(last)
}
