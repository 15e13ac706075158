/**
 * HTML and SVG as strings: elements whose attributes are always escaped, and text that is always escaped.
 *
 * `Markup` is a plain string that is known to be well formed; everything that comes from data goes through `text` or
 * through an attribute.
 */

/** A well-formed piece of HTML or SVG. */
export type Markup = string

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
  String(value)
    .replace(forbidden, "\ufffd")
    .replace(/[&<>"']/g, (character) => escapes[character]!)

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
  voids.has(name)
    ? `<${name}${attributeText(attributes)}>`
    : `<${name}${attributeText(attributes)}>${children.join("")}</${name}>`

/** A value as JSON inside a `<script>`: no `<` can end the script early. */
export const scriptJson = (value: unknown): Markup =>
  JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029")
