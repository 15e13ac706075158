/**
 * A syntax tree as the code hash sees it: written without positions, quotes and whatever else a printer decides, and
 * without the words for people that change no result (`withoutWording`).
 */

export const isNode = (value) => typeof value === "object" && value !== null && typeof value.type === "string"

/** Calls `visit` for the node and everything below; what it returns is passed on as the context of what lies below. */
export const walk = (node, context, visit) => {
  const below = visit(node, context)
  for (const key in node) {
    const value = node[key]
    if (Array.isArray(value)) {
      for (const member of value) if (isNode(member)) walk(member, below, visit)
    } else if (isNode(value)) walk(value, below, visit)
  }
}

/** Fields that say how a tree was written, not what it means. A template's own `raw` is inside its `value` and stays. */
const printed = new Set(["type", "start", "end", "raw", "shorthand", "directive"])

/** Calls `out` with pieces of text that together stand for the tree. */
export const writeTree = (value, out) => {
  if (Array.isArray(value)) {
    out("[")
    for (const member of value) writeTree(member, out)
    return out("]")
  }
  if (!isNode(value)) return out(`${typeof value} ${plain(value)};`)
  if (value.type === "EmptyStatement") return undefined
  out(`{${value.type}`)
  for (const key of Object.keys(value).sort()) {
    if (printed.has(key)) continue
    out(` ${key}=`)
    writeTree(value[key], out)
  }
  return out("}")
}

const plain = (value) => {
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value === "bigint" || value instanceof RegExp) return String(value)
  if (typeof value === "object" && value !== null) return JSON.stringify(value)
  return Object.is(value, -0) ? "-0" : String(value)
}

// --- words ---------------------------------------------------------------------------------------------------------

const ours = new Set(["InputError", "ArtifactError", "StageFailure"])
const builtIn = new Set(["Error", "TypeError", "RangeError", "SyntaxError"])
/** The fields of our errors that are words; the others decide something. */
const sentences = new Set(["what", "where", "expected", "next", "detail"])
const described = new Set(["Stage", "Pipeline", "Kind"])

/**
 * Empties, in place, the texts of: the sentences in `new InputError({…})` and its fellows (imported from asterism), the
 * message in `throw new Error(…)`, and `description` in `Stage.make`, `Pipeline.make`, `Kind.…` and `.annotate(…)`.
 */
export const withoutWording = (tree) => {
  const errors = errorNames(tree)
  walk(tree, undefined, (node) => {
    if (node.type === "NewExpression" && node.callee.type === "Identifier" && errors.has(node.callee.name))
      emptyFields(node.arguments, sentences)
    if (node.type === "ThrowStatement") emptyMessage(node.argument)
    if (node.type === "CallExpression" && describes(node.callee)) emptyFields(node.arguments, descriptions)
  })
  return tree
}

const descriptions = new Set(["description"])

const describes = ({ type, object, property }) =>
  type === "MemberExpression" &&
  property.type === "Identifier" &&
  ((object.type === "Identifier" && described.has(object.name)) || property.name === "annotate")

const emptyMessage = (thrown) => {
  if (thrown.type !== "NewExpression" || thrown.callee.type !== "Identifier") return
  if (builtIn.has(thrown.callee.name) && thrown.arguments.length > 0)
    thrown.arguments[0] = emptied(thrown.arguments[0])
}

const emptyFields = (members, names) => {
  for (const member of members) {
    if (member.type !== "ObjectExpression") continue
    for (const property of member.properties) {
      if (property.type === "Property" && names.has(nameOf(property.key)))
        property.value = emptied(property.value)
    }
  }
}

/** A property's name as written; undefined where it is computed. */
export const nameOf = (key) =>
  key.type === "Identifier" ? key.name : key.type === "Literal" ? key.value : undefined

const acts = /^(Call|New|Yield|Await|Assignment|Update|TaggedTemplate|Import)Expression$/

/** Nothing, where the words only read values; where they call something, the calls without their texts. */
const emptied = (words) => {
  let calls = false
  walk(words, undefined, (inner) => {
    calls ||= acts.test(inner.type)
    if (inner.type === "Literal" && typeof inner.value === "string") inner.value = ""
    if (inner.type === "TemplateElement") inner.value = { cooked: "", raw: "" }
  })
  return calls ? words : { type: "Literal", value: null }
}

/** Names under which this module knows our errors. */
const errorNames = (tree) => {
  const names = new Set()
  for (const statement of tree.body) {
    if (statement.type !== "ImportDeclaration") continue
    const from = String(statement.source.value)
    if (from !== "asterism" && !/(^|\/)schemas\/errors(\.ts)?$/.test(from)) continue
    for (const { imported, local } of statement.specifiers) {
      if (imported !== undefined && ours.has(nameOf(imported))) names.add(local.name)
    }
  }
  return names
}
