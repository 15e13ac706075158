/**
 * Errors that reach a user. Each says what is wrong, where, what was expected and what to do next, in that order;
 * `cli` prints them without a stack trace.
 */
import * as Schema from "effect/Schema"

const sentence = (parts: ReadonlyArray<string | undefined>): string =>
  parts.filter((part) => part !== undefined && part !== "").join(" ")

/**
 * Bad usage or bad input: a missing file, a wrong dimension, NaN, duplicate keys, an unknown name. Exit code 2,
 * wherever it arises; nothing that was finished is lost.
 */
export class InputError extends Schema.TaggedError<InputError>()("InputError", {
  /** What is wrong, one sentence: `Row 17 holds NaN.` */
  what: Schema.String,
  /** Where: a file, a row, a field, an option. */
  where: Schema.optionalKey(Schema.String),
  /** What was expected there. */
  expected: Schema.optionalKey(Schema.String),
  /** What to do next: a command to type, an option to change. */
  next: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return sentence([
      this.what,
      this.where === undefined ? undefined : `Where: ${this.where}.`,
      this.expected === undefined ? undefined : `Expected: ${this.expected}.`,
      this.next === undefined ? undefined : `Next: ${this.next}.`
    ])
  }
}

/** An artifact could not be written or read: a full disk, a corrupt object, a codec that refuses the bytes. */
export class ArtifactError extends Schema.TaggedError<ArtifactError>()("ArtifactError", {
  reason: Schema.Literals(["missing", "corrupt", "full-disk", "unreadable", "unwritable", "mismatch"]),
  path: Schema.String,
  detail: Schema.String,
  next: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return sentence([
      this.detail,
      `Where: ${this.path}.`,
      this.next === undefined ? undefined : `Next: ${this.next}.`
    ])
  }
}

/** A stage could not do its work although its inputs were well formed: a diverged training, an engine that is absent. */
export class StageFailure extends Schema.TaggedError<StageFailure>()("StageFailure", {
  what: Schema.String,
  next: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return sentence([this.what, this.next === undefined ? undefined : `Next: ${this.next}.`])
  }
}
