/** Answers questions on standard input, a line of JSON each, until it closes. */
import { createInterface } from "node:readline"

export const answerQuestions = async (answer: (question: never) => Promise<unknown>): Promise<void> => {
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as never))}\n`)
}
