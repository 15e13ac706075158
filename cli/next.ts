/** Commands of ours that a text names look into the store that was typed. */
import { commandLine } from "../engine/run/nextStep.ts"

export const inStore = (text: string, command: ReadonlyArray<string>): string => {
  const at = command.indexOf("--store")
  const store = at < 0 ? command.find((word) => word.startsWith("--store="))?.slice(8) : command[at + 1]
  if (store === undefined) return text
  const option = commandLine(["--store", store]).slice("asterism ".length)
  return text.replaceAll(
    /(['`]asterism (?:runs|show|verify|gc|status|report|export))\b/g,
    (verb) => `${verb} ${option}`
  )
}
