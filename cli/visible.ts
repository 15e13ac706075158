/**
 * Text from data as a terminal may show it: characters that move the cursor, change colours or titles, or reverse the
 * order of reading are written out (`\x1b`, `\u202e`), so that a key, a file name or an error cannot pretend to be
 * something else. Line feeds and tabs stay, as texts of ours hold them; `visibleCell` writes those out too.
 */

/** C0 controls except tab and line feed, DEL, C1 controls, bidirectional overrides and isolates, lone surrogates. */
const hidden =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const escaped = (character: string): string => {
  const code = character.charCodeAt(0)
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`
}

/** For texts of several lines. */
export const visible = (text: string): string => text.replace(hidden, escaped)

/** For what must stay on one line: a cell of a table, a name. */
export const visibleCell = (text: string): string =>
  visible(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t")

/** JSON in one line; what JSON leaves raw in texts and a terminal would act on is written as `\u009b`. */
export const json = (value: unknown): string =>
  JSON.stringify(value).replace(
    hidden,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
