/**
 * What the code hash needs to know of one module. Depends on its text and its loader alone.
 *
 * The hash is of the syntax tree after types are gone (see `syntax.mjs`): comments, formatting and the way a compiler
 * prints do not reach it, so that another version of the compiler gives the same hash as long as it reads the text the same
 * way.
 */
import { createHash, hash as hashAtOnce } from "node:crypto"
import { undeclaredCaptures } from "./captures.mjs"
import { nameOf, walk, withoutWording, writeTree } from "./syntax.mjs"

/** Bump when the hash of an unchanged file changes its meaning: that runs every stage again. */
export const algorithm = "2"

/**
 * @typedef {object} Facts
 * @property {string} hash SHA-256 of the tree; of the bytes where the file is no module.
 * @property {ReadonlyArray<string>} assets Literal names in `new URL("…", import.meta.url)`, sorted.
 * @property {boolean} neighbours Whether it names other files by relative names.
 * @property {ReadonlyArray<{names: ReadonlyArray<string>}>} captures See `captures.mjs`.
 */

/** Rejects with esbuild's error where the text is not a module. */
export const factsOf = async (text, loader, path) => {
  const [esbuild, acorn] = await Promise.all([import("esbuild"), import("acorn")])
  const { code } = await esbuild.transform(text, {
    loader,
    legalComments: "none",
    target: "esnext",
    charset: "utf8",
    jsx: "automatic",
    sourcefile: path,
    logLevel: "silent",
    tsconfigRaw: {}
  })
  const tree = parse(acorn, code)
  if (tree === undefined) return { ...rawFacts(sha256(code)), neighbours: true }
  const assets = new Set()
  let neighbours = false
  walk(tree, undefined, (node) => {
    const asset = assetOf(node)
    if (asset !== undefined) assets.add(asset)
    neighbours ||= asset !== undefined || namesNeighbour(node)
  })
  const captures = undeclaredCaptures(tree)
  const hash = createHash("sha256")
  let pieces = ""
  writeTree(withoutWording(tree), (piece) => {
    pieces += piece
    if (pieces.length < 65536) return
    hash.update(pieces)
    pieces = ""
  })
  return { hash: hash.update(pieces).digest("hex"), assets: [...assets].sort(), neighbours, captures }
}

/** Facts of a file that is not a module: JSON, wasm, text. */
export const rawFacts = (content) => ({ hash: content, assets: [], neighbours: false, captures: [] })

export const sha256 = (data) => hashAtOnce("sha256", data, "hex")

/** Undefined where the text is neither a module nor a script for the parser: then it counts as printed. */
const parse = (acorn, code) => {
  for (const sourceType of ["module", "script"]) {
    try {
      return acorn.parse(code, {
        ecmaVersion: "latest",
        sourceType,
        allowHashBang: true,
        allowReturnOutsideFunction: true
      })
    } catch {
      // The next kind.
    }
  }
  return undefined
}

/** A text known before the program runs. */
const literal = (node) => {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value
  if (node?.type === "TemplateLiteral" && node.quasis.length === 1) return node.quasis[0].value.cooked
  return undefined
}

/** `x` of `new URL("x", import.meta.url)`, where that names a file. */
const assetOf = (node) => {
  if (node.type !== "NewExpression" || nameOf(node.callee) !== "URL" || node.arguments.length !== 2)
    return undefined
  const [name, base] = node.arguments
  const own =
    base.type === "MemberExpression" && base.object.type === "MetaProperty" && nameOf(base.property) === "url"
  return own ? literal(name) : undefined
}

const namesNeighbour = (node) => {
  const name =
    node.type === "CallExpression" && nameOf(node.callee) === "require"
      ? literal(node.arguments[0])
      : /^(Import|Export(All|Named))(Declaration|Expression)$/.test(node.type)
        ? literal(node.source)
        : undefined
  return name !== undefined && /^[./#]/.test(name)
}
