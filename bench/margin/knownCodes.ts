/**
 * Best known spherical codes: n unit vectors in dimension d whose greatest inner product `cosine` is the least known. With
 * queries equal to documents, complete:n,1 has the global margin (1 − cosine) / 2.
 *
 * Angles: N. J. A. Sloane, with R. H. Hardin, W. D. Smith and others, Tables of Spherical Codes, neilsloane.com/packings
 * (d = 3, 4). Cosines: H. Cohn, Table of spherical codes, cohn.mit.edu/spherical-codes (d = 3, with the minimal
 * polynomials); n = 13, 14 computed from the equations of Musin and Tarasov. Proved optimal: all but those that say
 * otherwise.
 */

export interface KnownCode {
  readonly dim: number
  readonly n: number
  readonly cosine: number
  /** Degrees, as published: the cosine's angle rounded to these digits. */
  readonly degrees: string
  /** Highest power first: a polynomial of which the cosine is a root. */
  readonly polynomial?: ReadonlyArray<number>
  readonly name: string
  readonly source: string
}

const schutte = "Schütte and van der Waerden 1951"
const danzer = "Danzer 1963"
const third = 1 / 3

export const knownCodes: ReadonlyArray<KnownCode> = [
  {
    dim: 3,
    n: 4,
    cosine: -third,
    degrees: "109.4712206",
    polynomial: [3, 1],
    name: "simplex",
    source: "Fejes Tóth 1943"
  },
  {
    dim: 3,
    n: 5,
    cosine: 0,
    degrees: "90.0000000",
    polynomial: [1, 0],
    name: "five of the octahedron",
    source: schutte
  },
  {
    dim: 3,
    n: 6,
    cosine: 0,
    degrees: "90.0000000",
    polynomial: [1, 0],
    name: "octahedron",
    source: "Fejes Tóth 1943"
  },
  {
    dim: 3,
    n: 7,
    cosine: 0.21013831273060307,
    degrees: "77.8695422",
    polynomial: [3, -9, -3, 1],
    name: "a point and two triangles",
    source: schutte
  },
  {
    dim: 3,
    n: 8,
    cosine: 0.2612038749637414,
    degrees: "74.8584922",
    polynomial: [7, 2, -1],
    name: "square antiprism",
    source: schutte
  },
  {
    dim: 3,
    n: 9,
    cosine: third,
    degrees: "70.5287794",
    polynomial: [3, -1],
    name: "three triangles",
    source: schutte
  },
  {
    dim: 3,
    n: 10,
    cosine: 0.40439432521625074,
    degrees: "66.1468220",
    polynomial: [7, -4, -2, 1],
    name: "",
    source: danzer
  },
  {
    dim: 3,
    n: 11,
    cosine: 0.4472135954999579,
    degrees: "63.4349488",
    polynomial: [5, 0, -1],
    name: "eleven of the icosahedron",
    source: danzer
  },
  {
    dim: 3,
    n: 12,
    cosine: 0.4472135954999579,
    degrees: "63.4349488",
    polynomial: [5, 0, -1],
    name: "icosahedron",
    source: "Fejes Tóth 1943"
  },
  {
    dim: 3,
    n: 13,
    cosine: 0.5426364868296385,
    degrees: "57.1367031",
    name: "",
    source: "Musin and Tarasov 2012: cos a / (1 − cos a), 2 tan(3π/8 − a/4) = (1 − 2 cos a) / cos² a"
  },
  {
    dim: 3,
    n: 14,
    cosine: 0.5639503003605052,
    degrees: "55.6705700",
    polynomial: [4, -2, 3, 0, -1],
    name: "",
    source: "Musin and Tarasov 2015"
  },
  {
    dim: 3,
    n: 24,
    cosine: 0.7230784683335085,
    degrees: "43.6907671",
    polynomial: [7, 1, -3, -1],
    name: "snub cube",
    source: "Robinson 1961"
  },
  {
    dim: 4,
    n: 24,
    cosine: 0.5,
    degrees: "60.0000000",
    polynomial: [2, -1],
    name: "24-cell",
    source: "de Laat, Leijenhorst and de Muinck Keizer 2024 (arXiv 2404.18794)"
  },
  {
    dim: 4,
    n: 120,
    cosine: 0.8090169943749475,
    degrees: "36.0000000",
    polynomial: [4, -2, -1],
    name: "600-cell",
    source: "Böröczky 1978"
  },
  {
    dim: 8,
    n: 240,
    cosine: 0.5,
    degrees: "60.0000000",
    polynomial: [2, -1],
    name: "roots of E8",
    source: "Levenshtein 1979; Odlyzko and Sloane 1979"
  }
]

/** The global margin of complete:n,1 that the code gives, a half gap. */
export const codeMargin = ({ cosine }: KnownCode): number => (1 - cosine) / 2
