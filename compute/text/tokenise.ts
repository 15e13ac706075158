/**
 * Splits text into words: runs of letters, lower-cased. Everything else ends a word, so "don't" gives "don" and "t", as
 * in the SUBTLEX word counts.
 */

const word = /\p{L}+/gu

export const tokenise = (text: string): ReadonlyArray<string> => text.toLowerCase().match(word) ?? []
