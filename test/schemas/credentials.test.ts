/** Passwords and tokens in the forms in which npm, proxies and addresses carry them. */
import { describe, expect, it } from "vitest"
import { secretsOf, withoutCredentials } from "../../schemas/credentials.ts"

describe("credentials", () => {
  it.each([
    ["http://someone:geheim@127.0.0.1:9/", "http://***@127.0.0.1:9/"],
    ["request to https://u:p@ss@host/@scope%2fpkg failed", "request to https://***@host/@scope%2fpkg failed"],
    ["https://ghp_token@github.com/a/b", "https://***@github.com/a/b"],
    ["proxy http://u:a/b?c@proxy:3128 refuses", "proxy http://***@proxy:3128 refuses"],
    ["//host/:_authToken=npm_abc and more", "//host/:_authToken=*** and more"],
    ["Authorization: Bearer abc.def", "Authorization: ***"],
    ["https://h/x.tgz?a=1&token=abc&b=2", "https://h/x.tgz?a=1&token=***&b=2"]
  ])("are masked in %s", (text, masked) => {
    expect(withoutCredentials(text)).toBe(masked)
    expect(withoutCredentials(masked)).toBe(masked)
  })

  it.each([
    "https://registry.npmjs.org/@scope/pkg@1.0.0",
    "http://localhost:8080/@scope/pkg",
    "the package toy@1.0.0, at http://127.0.0.1:9/, is not there",
    "write to a@b.org"
  ])("nothing else is touched: %s", (text) => expect(withoutCredentials(text)).toBe(text))

  it("are known from npm's settings, in every form a message may hold", () => {
    const settings = {
      registry: "https://ann:p%40ss%2Fword@host/",
      "//host/:_authToken": "npm_0123456789",
      "//other/:_auth": Buffer.from("bob:hunter22").toString("base64"),
      "//third/:_password": Buffer.from("secret-3").toString("base64"),
      cache: "/home/ann/.npm"
    }
    const secrets = secretsOf(settings)
    for (const secret of [
      "p%40ss%2Fword",
      "p@ss/word",
      "npm_0123456789",
      "hunter22",
      "secret-3",
      Buffer.from("bob:hunter22").toString("base64"),
      Buffer.from("ann:p@ss/word").toString("base64")
    ]) {
      expect(withoutCredentials(`npm said "${secret}" to /home/ann/.npm`, secrets)).toBe(
        'npm said "***" to /home/ann/.npm'
      )
    }
  })
})
