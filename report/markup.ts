/**
 * HTML and SVG as strings: elements whose attributes are always escaped, and text that is always escaped.
 *
 * `Markup` is a string that is known to be well formed. The type is branded: no other string can be put where markup goes,
 * so everything that comes from data goes through `text` or through an attribute.
 */

declare const markup: unique symbol

/** A well-formed piece of HTML or SVG, or nothing. */
export type Markup = "" | (string & { readonly [markup]: true })

/** For what this module has made well formed. */
const wellFormed = (value: string): Markup => value as Markup

export type Attributes = { readonly [name: string]: string | number | boolean | undefined }

const escapes: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/** Characters that XML 1.0 forbids even when escaped (controls, lone surrogates): replaced, so that SVG stays valid. */
const forbidden =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Escapes text for use between tags or inside a quoted attribute. */
export const text = (value: string | number): Markup =>
  wellFormed(
    String(value)
      .replace(forbidden, "\ufffd")
      .replace(/[&<>"']/g, (character) => escapes[character]!)
  )

/** Pieces one after the other. */
export const joined = (pieces: ReadonlyArray<Markup>, separator: "" | "\n" | " " = ""): Markup =>
  wellFormed(pieces.join(separator))

/** Coordinates with at most two decimals: a hundredth of a pixel is never seen. */
export const px = (value: number): string => String(Math.round(value * 100) / 100)

const attributeText = (attributes: Attributes): string => {
  let result = ""
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    if (value === true) result += ` ${name}=""`
    else result += ` ${name}="${typeof value === "number" ? px(value) : text(value)}"`
  }
  return result
}

const voids = new Set(["meta", "link", "br", "hr", "input", "col"])

/** `<name attributes>children</name>`; attributes that are undefined or false are left out. */
export const element = (
  name: string,
  attributes: Attributes = {},
  ...children: ReadonlyArray<Markup>
): Markup =>
  wellFormed(
    voids.has(name)
      ? `<${name}${attributeText(attributes)}>`
      : `<${name}${attributeText(attributes)}>${children.join("")}</${name}>`
  )

/** A value as JSON inside a `<script>`: no `<` can end the script early. */
export const scriptJson = (value: unknown): Markup =>
  wellFormed(
    JSON.stringify(value)
      .replaceAll("<", "\\u003c")
      .replaceAll("\u2028", "\\u2028")
      .replaceAll("\u2029", "\\u2029")
  )

/** Code or style of ours as the content of its element, which the browser reads up to the closing tag. */
export const verbatim = (element: "script" | "style", source: string): Markup =>
  wellFormed(source.replaceAll(`</${element}`, `<\\/${element}`))

/** A whole page. */
export const page = (html: Markup): string => `<!doctype html>\n${html}\n`
