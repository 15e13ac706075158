/** What to do after a failure, as a command that a shell takes as it stands. */

/** Bare where no shell would read it otherwise, quoted elsewhere. */
const quoted = (word: string): string =>
  /^[\w./:,@+-][\w./:=,#@+-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** The command that was typed, with `asterism` in front. */
export const commandLine = (words: ReadonlyArray<string>): string =>
  ["asterism", ...words].map(quoted).join(" ")

/**
 * A hint with its gaps filled: options are added to the command that was typed, `<node>` is the node's name, and "the same
 * command" is written out. Without a hint: the command, and that finished work is kept.
 */
export const nextStep = (hint: string | null, command: ReadonlyArray<string>, node?: string): string => {
  const typed = commandLine(command)
  if (hint === null) return `${typed}  # what is finished does not run again`
  const filled = node === undefined ? hint : hint.replaceAll("<node>", node)
  if (filled.startsWith("--")) return `${typed} ${filled}`
  return filled.replace(/\b(run )?the same command( again)?/, `run again: ${typed}`)
}
