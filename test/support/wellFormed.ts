/** A strict check that markup is well formed: tags nest and close, attributes are quoted, no stray `<` or `&`. */

const tag = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>/y
const entity = /&(?:amp|lt|gt|quot|#39);/y
const voids = new Set(["meta", "link", "br", "hr", "input", "col"])
const raw = new Set(["script", "style"])

/** Undefined where the markup is well formed, else what is wrong and where. */
export const malformed = (markup: string): string | undefined => {
  const open: Array<string> = []
  let at = markup.startsWith("<!doctype html>") ? "<!doctype html>".length : 0
  const here = (): string => `at ${at}: ${JSON.stringify(markup.slice(at, at + 60))}`
  while (at < markup.length) {
    const character = markup[at]
    if (character === "&") {
      entity.lastIndex = at
      const found = entity.exec(markup)
      if (found === null) return `stray & ${here()}`
      at = entity.lastIndex
    } else if (character === "<") {
      tag.lastIndex = at
      const found = tag.exec(markup)
      if (found === null) return `stray < or bad attribute ${here()}`
      const [, closing, name, attributes, selfClosing] = found as unknown as [
        string,
        string,
        string,
        string,
        string
      ]
      if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(attributes)) return `stray & in an attribute ${here()}`
      if (closing === "/") {
        if (open.pop() !== name) return `</${name}> closes nothing ${here()}`
      } else if (selfClosing === "" && !voids.has(name)) {
        if (raw.has(name)) {
          const end = markup.indexOf(`</${name}>`, tag.lastIndex)
          if (end < 0) return `<${name}> does not end ${here()}`
          at = end + name.length + 3
          continue
        }
        open.push(name)
      }
      at = tag.lastIndex
    } else if (character === ">") return `stray > ${here()}`
    else at++
  }
  return open.length === 0 ? undefined : `not closed: ${open.join(", ")}`
}
