/**
 * Runs the `npx asterism` commands of the README's shell blocks, in order, in a folder with the files they name, on a
 * study of 300 words (60 with `--quick`): `npm run test:docs`. A command that fails fails the test.
 *
 * The guides' studies take minutes, so `run` is planned there, which reads pipelines, parameters and stages all the same;
 * margins get two seconds. What needs a GPU or something only a reader has is skipped, with the reason.
 */
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const binary = join(root, "bin", "asterism.mjs")
const words = process.argv.includes("--quick") ? 60 : 300
const folder = mkdtempSync(join(tmpdir(), "asterism-docs-"))

/** A small npy file, version 1: rows × 4 float32. */
const npy = (rows, seed) => {
  let state = seed
  const numbers = Float32Array.from({ length: rows * 4 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5
  })
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, 4), }`.padEnd(117) + "\n"
  return Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]),
    Buffer.from(header),
    Buffer.from(numbers.buffer)
  ])
}

const asterism = (args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binary, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ASTERISM_STORE: join(folder, "store"), NO_COLOR: "1" }
  })
  return { status, stdout, stderr }
}

/** The `npx asterism` commands of a page's shell blocks, without their comments. */
const commandsOf = (page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block]) => block.split("\n"))
    .map((line) => line.replace(/\s+#\s.*$/, "").trim())
    .filter((line) => line.startsWith("npx asterism "))

/** Why a guide's command cannot be tried here, if so. */
const reasonToSkip = (command) =>
  command.includes("--device")
    ? "needs a GPU"
    : /<\w+>/.test(command)
      ? "names something of the reader's"
      : undefined

/** A guide's command as it is tried. */
const shortened = (args) => {
  if (args[0] === "run") return ["plan", ...args.slice(1)]
  const time = args.indexOf("--time")
  if (args[0] === "margin" && args[2] === "--dim" && args[3] !== "inf") {
    return time < 0 ? [...args, "--time", "2s"] : args.with(time + 1, "2s")
  }
  return args
}

const run = (command, args) => {
  const begun = performance.now()
  const { status, stdout, stderr } = asterism(args)
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  console.log(`${status === 0 ? "ok    " : "FAILED"}  ${seconds.padStart(6)} s  ${command}`)
  if (status !== 0) console.log(stdout.slice(-2000), stderr.slice(-2000))
  return status === 0
}

try {
  writeFileSync(join(folder, "a.npy"), npy(50, 1))
  writeFileSync(join(folder, "b.npy"), npy(50, 2))
  copyFileSync(join(root, "docs", "examples", "my-embed.ts"), join(folder, "my-embed.ts"))
  const judged = Array.from(
    { length: 12 },
    (_, i) => `q${i}\t0\td${i % 4}\t1\nq${i}\t0\td${(i + 1 + (i % 3)) % 4}\t1`
  )
  writeFileSync(join(folder, "qrels.tsv"), `${judged.join("\n")}\n`)
  const commands = commandsOf("README.md")
  if (commands.length < 8) throw new Error(`the README shows only ${commands.length} commands`)
  let failed = 0
  for (const command of commands) {
    let args = command.split(/\s+/).slice(2)
    if ((args[0] === "run" || args[0] === "plan") && args[1] === "words") {
      args = [
        ...args,
        "--set",
        `vocabulary.size=${words}`,
        "--set",
        "windows.size=20",
        "--set",
        "windows.stride=10",
        "--set",
        "sae.steps=50"
      ]
    }
    if (args.includes("<run>")) {
      const { runs } = JSON.parse(asterism(["runs", "--json"]).stdout)
      args = args.map((word) => (word === "<run>" ? runs.at(-2).id : word))
    }
    if (!run(command, args)) failed += 1
  }
  const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"))
  for (const page of [...guides.map((name) => join("docs", name)), "CONTRIBUTING.md"]) {
    for (const command of commandsOf(page)) {
      const reason = reasonToSkip(command)
      if (reason !== undefined) console.log(`skipped (${reason})  ${command}`)
      else if (!run(command, shortened(command.split(/\s+/).slice(2)))) failed += 1
    }
  }
  process.exitCode = failed === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
