"""Recall@2 of exported embeddings, counted in numpy: python3 limit.py queries.npy documents.npy keys.csv qrels.jsonl

keys.csv is the exported RelevanceKeys table (columns side, key, weight): npy files have no keys, its order is theirs.
"""
import csv, json, sys
import numpy as np

queries, documents = np.load(sys.argv[1]), np.load(sys.argv[2])
with open(sys.argv[3], newline="") as file:
    rows = list(csv.DictReader(file))
query = {row["key"]: at for at, row in enumerate(r for r in rows if r["side"] == "query")}
document = {row["key"]: at for at, row in enumerate(r for r in rows if r["side"] == "document")}
relevant = [set() for _ in query]
with open(sys.argv[4]) as file:
    for line in file:
        judged = json.loads(line)
        if judged["score"] > 0:
            relevant[query[judged["query-id"]]].add(document[judged["corpus-id"]])
top = np.argsort(-(queries @ documents.T), axis=1)[:, :2]
recall = np.mean([len(set(row) & wanted) / len(wanted) for row, wanted in zip(top.tolist(), relevant)])
print(json.dumps({"shape": queries.shape, "dtype": str(queries.dtype), "recallAt2": recall}))
