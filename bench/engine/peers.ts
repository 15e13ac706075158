/** The same workload for the peers: n targets that each write one file, and one that needs them all. */
import { spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export interface Peer {
  readonly name: string
  /** The Debian package that has it. */
  readonly debian: string
  /** Writes the workload of n + 1 targets into a folder. */
  readonly write: (folder: string, n: number) => void
  /** Brings every target up to date, as cheaply as the tool allows; not timed. */
  readonly prepare: (folder: string, n: number) => ReadonlyArray<string> | null
  /** Finds out what would be run. */
  readonly plan: ReadonlyArray<string>
  /** Runs what is not up to date, on two cores. */
  readonly run: ReadonlyArray<string>
}

const touchAll = (folder: string, n: number): null => {
  mkdirSync(join(folder, "out"), { recursive: true })
  for (let i = 0; i < n; i++) writeFileSync(join(folder, "out", `${i}.txt`), `${i}\n`)
  writeFileSync(join(folder, "out", "all.txt"), "all\n")
  return null
}

const snakemake: Peer = {
  name: "snakemake",
  debian: "snakemake",
  write: (folder, n) =>
    writeFileSync(
      join(folder, "Snakefile"),
      `rule all:
    input: expand("out/{i}.txt", i=range(${n}))
    output: "out/all.txt"
    shell: "echo all > {output}"

rule make:
    output: "out/{i}.txt"
    shell: "echo {wildcards.i} > {output}"
`
    ),
  // Files that are there, made by hand: 1,000 jobs of its own would take minutes.
  prepare: touchAll,
  plan: ["snakemake", "--dry-run", "--quiet", "--scheduler", "greedy", "out/all.txt"],
  run: ["snakemake", "--jobs", "2", "--quiet", "--scheduler", "greedy", "out/all.txt"]
}

const doit: Peer = {
  name: "doit",
  debian: "python3-doit",
  write: (folder, n) => {
    mkdirSync(join(folder, "out"), { recursive: true })
    writeFileSync(
      join(folder, "dodo.py"),
      `def write(path, text):
    with open(path, "w") as file:
        file.write(text)

def task_make():
    for i in range(${n}):
        yield {"name": str(i), "actions": [(write, [f"out/{i}.txt", f"{i}\\n"])], "targets": [f"out/{i}.txt"], "uptodate": [True]}

def task_all():
    return {"actions": [(write, ["out/all.txt", "all\\n"])], "file_dep": [f"out/{i}.txt" for i in range(${n})], "targets": ["out/all.txt"]}
`
    )
  },
  prepare: () => ["doit", "-v", "0"],
  plan: ["doit", "list", "--all", "--status"],
  run: ["doit", "-v", "0", "-n", "2"]
}

const make: Peer = {
  name: "make",
  debian: "make",
  write: (folder, n) => {
    mkdirSync(join(folder, "out"), { recursive: true })
    writeFileSync(
      join(folder, "Makefile"),
      `TARGETS := $(foreach i,$(shell seq 0 ${n - 1}),out/$(i).txt)
out/all.txt: $(TARGETS)
\t@echo all > $@
out/%.txt:
\t@echo $* > $@
`
    )
  },
  prepare: touchAll,
  plan: ["make", "--dry-run", "out/all.txt"],
  run: ["make", "--jobs=2", "out/all.txt"]
}

export const peers: ReadonlyArray<Peer> = [snakemake, doit, make]

/** Its version, or undefined where it is not installed. */
export const versionOf = (peer: Peer): string | undefined => {
  const { status, stdout } = spawnSync(peer.name, ["--version"], { encoding: "utf8" })
  return status === 0 ? stdout.split("\n")[0]! : undefined
}
