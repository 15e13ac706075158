/**
 * Bad usage and bad input, one row each: the command, and what its message must say. Every row must end with exit code 2,
 * one message on standard error, and no stack trace.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Workplace } from "../support/command.ts"
import { workplace } from "../support/command.ts"

/** A `.npy` file, version 1: header text as given, then the bytes. */
const npy = (header: string, data: Uint8Array): Uint8Array => {
  const text = header.padEnd(128 - 10 - 1) + "\n"
  const prefix = new Uint8Array([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    text.length & 255,
    text.length >> 8
  ])
  return new Uint8Array([...prefix, ...new TextEncoder().encode(text), ...data])
}
const npyOf = (shape: string, values: ReadonlyArray<number>, descr = "<f4"): Uint8Array =>
  npy(
    `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`,
    new Uint8Array(new Float32Array(values).buffer)
  )

const stage = (body: string, outputs = "{ embeddings: Embeddings }") => `
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { AlignmentScores, Embeddings, Pipeline, Series, Stage } from "asterism"
export const made = Stage.make("test/made", {
  description: "Makes what the test says.",
  source: import.meta.url,
  params: Schema.Struct({ k: Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))), file: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))) }),
  inputs: {},
  outputs: ${outputs},
  run: Effect.fn("made")(function* () { ${body} })
})
const taken = Stage.make("test/taken", {
  description: "Takes embeddings.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { embeddings: Embeddings },
  outputs: { embeddings: Embeddings },
  run: Effect.fn("taken")(function* ({ inputs }) { return { embeddings: yield* inputs.embeddings.read } })
})
export const series = Stage.make("test/series", {
  description: "Makes a series.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: {},
  outputs: { embeddings: Series },
  run: Effect.fn("series")(function* () { return { embeddings: [] } })
})
`
const pipeline = (body: string) =>
  `export default Pipeline.make("tested", { description: "A pipeline for tests." }, function* (p) { ${body} })`
const good = stage(`return { embeddings: { keys: ["a", "b"], dims: 1, data: new Float32Array([1, 2]) } }`)
const made = (matrix: string) =>
  stage(`return { embeddings: ${matrix} }`) + pipeline(`yield* p.stage("made", made, {})`)

const files: { readonly [name: string]: string | Uint8Array } = {
  "good.ts":
    good +
    pipeline(
      `const m = yield* p.stage("made", made, {}); yield* p.stage("taken", taken, { inputs: { embeddings: m.embeddings } })`
    ),
  "syntax.ts": "export default (",
  "throws.ts": "throw new Error('not today')",
  "nothing.ts": "export const other = 1",
  "twice.ts": good + pipeline(`yield* p.stage("made", made, {}); yield* p.stage("made", made, {})`),
  "unwired.ts": good + pipeline(`yield* p.stage("taken", taken, { inputs: {} } as never)`),
  "miswired.ts":
    good +
    pipeline(
      `const s = yield* p.stage("s", series, {}); yield* p.stage("taken", taken, { inputs: { embeddings: s.embeddings } } as never)`
    ),
  "badname.ts": good + pipeline(`yield* p.stage("no.dots", made, {})`),
  "nan.ts": made(`{ keys: ["a", "b"], dims: 2, data: new Float32Array([1, 2, 3, NaN]) }`),
  "duplicate.ts": made(`{ keys: ["a", "a"], dims: 1, data: new Float32Array([1, 2]) }`),
  "empty.ts": made(`{ keys: [], dims: 1, data: new Float32Array(0) }`),
  "short.ts": made(`{ keys: ["a", "b"], dims: 3, data: new Float32Array(2) }`),
  "fine.csv": "key,x,y\na,1,2\nb,3,4\nc,5,7\nd,1,0\n",
  "other.csv": "key,x,y\nq,1,2\nr,3,4\ns,5,7\n",
  "nan.csv": "key,x,y\na,1,2\nb,nan,4\n",
  "ragged.csv": "key,x,y\na,1,2\nb,3\n",
  "text.csv": "key,x,y\na,1,2\nb,three,4\n",
  "duplicate.csv": "key,x,y\na,1,2\na,3,4\n",
  "empty.csv": "",
  "header.csv": "key,x,y\n",
  "empty.npy": "",
  "magic.npy": "this is not an array at all, whatever its name says",
  "short.npy": npyOf("(4, 2)", [1, 2, 3]),
  "cube.npy": npyOf("(1, 2, 2)", [1, 2, 3, 4]),
  "objects.npy": npyOf("(2, 1)", [1, 2], "|O"),
  "three.npy": npyOf("(3, 2)", [1, 2, 3, 4, 5, 7]),
  "four.npy": npyOf("(4, 2)", [1, 2, 3, 4, 5, 7, 0, 1]),
  "notes.xyz": "what is this",
  "broken.parquet": "PAR1 but not really",
  "broken.arrow": "ARROW1 but not really"
}

const cases: ReadonlyArray<readonly [name: string, args: ReadonlyArray<string>, message: RegExp]> = [
  ["an unknown command", ["frobnicate"], /frobnicate/],
  ["an unknown option", ["list", "--frobnicate"], /frobnicate/],
  ["an unknown pipeline", ["run", "wrods"], /no pipeline 'wrods'/],
  ["a missing pipeline file", ["run", "./absent.ts"], /no file '.\/absent.ts'/],
  ["a pipeline file with a syntax error", ["run", "./syntax.ts"], /syntax\.ts:1/],
  ["a pipeline file that throws", ["plan", "./throws.ts"], /not today/],
  ["a pipeline file without a pipeline", ["run", "./nothing.ts"], /not a pipeline/],
  ["an export that is not there", ["run", "./good.ts#nothing"], /'nothing' is not a pipeline/],
  ["two nodes of one name", ["plan", "./twice.ts"], /Two nodes are named 'made'/],
  ["an input that is not wired", ["plan", "./unwired.ts"], /'embeddings' of 'taken' is not wired/],
  ["an input of the wrong kind", ["plan", "./miswired.ts"], /takes Embeddings.*which is Series/],
  ["a node name with a dot", ["plan", "./badname.ts"], /'no\.dots' is not a node name/],
  ["--set without a value", ["plan", "./good.ts", "--set", "made.k"], /'made\.k' cannot be read/],
  [
    "--set on an unknown node",
    ["plan", "./good.ts", "--set", "maid.k=2"],
    /No node or group is named 'maid'/
  ],
  ["--set of an unknown parameter", ["plan", "./good.ts", "--set", "made.kk=2"], /no parameter 'kk'/],
  ["--set of the wrong type", ["plan", "./good.ts", "--set", "made.k=many"], /parameters of 'made'/],
  ["--set outside the range", ["plan", "./good.ts", "--set", "made.k=-3"], /parameters of 'made'/],
  [
    "--swap at an unknown node",
    ["plan", "./good.ts", "--swap", "maid=./good.ts#made"],
    /No node is named 'maid'/
  ],
  ["--swap of a missing file", ["plan", "./good.ts", "--swap", "made=./absent.ts"], /no file '.\/absent.ts'/],
  [
    "--swap of what is not a stage",
    ["plan", "./good.ts", "--swap", "made=./nothing.ts#other"],
    /'other' is not a stage/
  ],
  [
    "--swap of the wrong output kind",
    ["plan", "./good.ts", "--swap", "made=./good.ts#series"],
    /no output 'embeddings' of kind Embeddings/
  ],
  ["--swap of an unknown stage", ["plan", "./good.ts", "--swap", "made=sea/train"], /no stage|no file/],
  ["--sweep without values", ["run", "./good.ts", "--sweep", "made.k"], /'made\.k' cannot be read/],
  ["no seeds", ["run", "./good.ts", "--seeds", "0"], /0 seeds/],
  ["no jobs", ["run", "./good.ts", "--jobs", "0"], /0 jobs/],
  ["jobs that are no number", ["run", "./good.ts", "--jobs", "many"], /many/],
  ["an unknown backend", ["run", "./good.ts", "--backend", "torch"], /torch/],
  ["--until an unknown node", ["plan", "./good.ts", "--until", "maid"], /maid/],
  ["a stage that returns NaN", ["run", "./nan.ts"], /NaN|not finite/i],
  ["a stage that returns a key twice", ["run", "./duplicate.ts"], /same key "a"/],
  ["a stage that returns no rows", ["run", "./empty.ts"], /no rows|empty/i],
  ["a stage that returns too few numbers", ["run", "./short.ts"], /2.*(6|3)|(6|3).*2/],
  ["an unknown run", ["report", "nothing"], /nothing/],
  ["an unknown id", ["show", "abcdef12"], /abcdef12/],
  ["what is not an id", ["show", "hello world"], /hello world/],
  ["a comparison with an unknown run", ["diff", "nothing", "latest"], /nothing/],
  ["an export of nothing", ["export", "abcdef12", "--to", "x.csv"], /abcdef12/],
  ["an import of a missing file", ["import", "absent.npy"], /absent\.npy/],
  ["an import of a folder", ["import", "."], /folder|directory|extension/i],
  ["an import of an unknown format", ["import", "notes.xyz"], /xyz/],
  ["an empty csv", ["import", "empty.csv"], /empty/i],
  ["a csv with only a header", ["import", "header.csv"], /row/],
  ["NaN in a csv", ["import", "nan.csv"], /NaN|not finite/i],
  ["a ragged csv", ["import", "ragged.csv"], /ragged\.csv/],
  ["text in a csv", ["import", "text.csv"], /three/],
  ["a key twice in a csv", ["import", "duplicate.csv"], /'a'/],
  ["an empty npy", ["import", "empty.npy"], /empty/i],
  ["an npy that is none", ["import", "magic.npy"], /magic\.npy/],
  ["a truncated npy", ["import", "short.npy"], /short\.npy/],
  ["an npy of three dimensions", ["import", "cube.npy"], /1, 2, 2|1 × 2 × 2|3/],
  ["an npy of objects", ["import", "objects.npy"], /object/i],
  ["a parquet that is none", ["import", "broken.parquet"], /broken\.parquet/],
  ["an arrow file that is none", ["import", "broken.arrow"], /broken\.arrow/],
  ["two matrices of different length without keys", ["align", "three.npy", "four.npy"], /3.*4|4.*3/],
  ["a matrix with keys and one without", ["align", "fine.csv", "four.npy"], /key/],
  ["two matrices with no key in common", ["align", "fine.csv", "other.csv"], /No key is in both/],
  ["more neighbours than rows", ["align", "fine.csv", "fine.csv", "--k", "10"], /10/],
  ["an unknown metric", ["align", "fine.csv", "fine.csv", "--metrics", "cosine_of_luck"], /cosine_of_luck/],
  ["a store that is a file", ["runs", "--store", "fine.csv"], /fine\.csv/]
]

describe("bad inputs", () => {
  let place: Workplace
  beforeAll(() => {
    place = workplace()
    for (const [name, contents] of Object.entries(files)) place.file(name, contents)
  })
  afterAll(() => place.remove())

  it.for(cases)("%s", { concurrent: false }, async ([, args, message]) => {
    const { code, stdout, stderr } = await place.asterism(...args)
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/asterism: /)
    expect(stderr).not.toMatch(/^\s+at .*(:\d+:\d+\)?|<anonymous>)$/m)
    expect(stderr).not.toMatch(/mistake of ours/)
    expect(stdout).toBe("")
    expect(code).toBe(2)
  })

  it("under --json the message is one JSON object on standard output too", async () => {
    const { code, stdout } = await place.asterism("import", "absent.npy", "--json")
    expect(code).toBe(2)
    expect(JSON.parse(stdout).error).toMatchObject({ exitCode: 2 })
  })
})
