/** Certificates as files: `arraysOf` in an npz. */
import * as Effect from "effect/Effect"
import { readArrays, writeArrays } from "../../artifacts/files/arrays.ts"
import { inputError } from "../../artifacts/files/readMatrix.ts"
import { writeError } from "../../artifacts/files/writeTable.ts"
import { arraysOf, certificateFrom } from "../../compute/margin/bound/proof/arraysOf.ts"
import type { MarginCertificate } from "../../compute/margin/bound/proof/MarginCertificate.ts"
import { InputError } from "../../schemas/errors.ts"

const expected = "a certificate as 'asterism margin --save' and the retrieval stages write it"

export const writeCertificateFile = (path: string, certificate: MarginCertificate): void => {
  const { arrays, claims } = arraysOf(certificate)
  writeArrays(path, { text: { name: "claims", value: claims }, arrays })
}

export const writeCertificate = (
  path: string,
  certificate: MarginCertificate
): Effect.Effect<void, InputError> =>
  Effect.try({ try: () => writeCertificateFile(path, certificate), catch: writeError(path) })

export const readCertificate = (path: string): Effect.Effect<MarginCertificate, InputError> =>
  Effect.tryPromise({ try: () => readCertificateFile(path), catch: inputError(path) })

const readCertificateFile = async (path: string): Promise<MarginCertificate> => {
  const { arrays, text } = await readArrays(path, "claims", expected)
  const certificate = certificateFrom(text, arrays)
  if (typeof certificate !== "string") return certificate
  throw new InputError({ what: certificate, where: path, expected })
}
