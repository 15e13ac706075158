/** The process that reads: each file by the function that `import` calls; what was read goes to a file of JSON. */
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { readMatrix } from "../../artifacts/files/readMatrix.ts"
import { answerQuestions } from "./questions.ts"

export interface Read {
  readonly keys: ReadonlyArray<string>
  readonly keyed: boolean
  readonly dims: number
  readonly data: ReadonlyArray<number>
}

interface Question {
  readonly path: string
  readonly out: string
  readonly columns?: ReadonlyArray<string>
}

export const readFiles = (): Promise<void> =>
  answerQuestions(async ({ path, out, columns }: Question) => {
    const exit = await Effect.runPromiseExit(readMatrix(path, columns === undefined ? {} : { columns }))
    if (Exit.isSuccess(exit)) {
      const { keys, keyed, dims, data, notes } = exit.value
      fs.writeFileSync(out, JSON.stringify({ keys, keyed, dims, data: Array.from(data) } satisfies Read))
      return { read: `${keys.length} × ${dims}. ${(notes ?? []).join(" ")}` }
    }
    const [reason] = exit.cause.reasons
    const error = reason !== undefined && "error" in reason ? reason.error : undefined
    return error?._tag === "InputError" ? { refused: error.what } : { defect: String(exit.cause) }
  })
