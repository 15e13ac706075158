"""
The baseline that our search is compared with: soft-min Adam, as anyone would write it, as fast as numpy goes.

    python3 adam.py job.json [--save folder]          one JSON object on standard output
    python3 adam.py complete:12,1 --dim 4 --time 3    the same for a complete graph and all three thresholds

A job is {"columns": n, "lists": [[relevant columns] of each row], "dim": d, "seconds": s, "seed": 0,
"thresholds": ["zero", "global", "row"]}; each threshold gets an equal part of the seconds. With --save the best embeddings
are written as <threshold>-queries.npy and <threshold>-documents.npy.

Unit queries U (N x d) and documents V (n x d), Gaussian at first. What rises is a soft minimum of sharpness b:
  zero:   -log(sum over all pairs of exp(-b S s)) / b, S = 2A - 1, s = <u, v>;
  global: that of the relevant pairs, and that of the other ones, added;
  row:    -log(sum over rows of P N) / b, with P and N a row's sums of exp(-b s) over relevant and exp(b s) over other pairs.
Adam on the tangent part of the gradient; rows are put back on the sphere after each step. Over a run b rises
geometrically from 4 or 10 to 3,000 and the rate falls. Restarts run side by side in one array, in rounds until the seconds are
over: the steps of a round are planned from the measured cost of one, and a round that is late anneals faster rather than
being cut. Steps are in float32, margins in float64 on rows put on the sphere in float64. Cost of a step: O(N n d).
"""
import argparse
import ctypes
import json
import os
import re
import time

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402

TO = 3000.0
# (first sharpness, first rate, steps) of the rounds in turn; each seed begins with another. Of rates .02 to .2, first
# sharpnesses 4 to 60 and 700 to 4,000 steps these were the best at equal time on complete:n,k: 4 for most, 10 where runs
# from 4 collapse to queries orthogonal to all documents (12,3 in d = 7, zero: .0056 against -.0002).
SETTINGS = [(4, 0.05, 3000), (10, 0.1, 3000), (4, 0.1, 1500), (10, 0.05, 1500)]
# Scores that a step handles at once, about: restarts side by side fill it.
ENTRIES = 16384


class Problem:
    """One threshold of a matrix. Rows of one class have no gap of their own: the row threshold leaves them out."""

    def __init__(self, columns, lists, dim, threshold):
        relevant = np.zeros((len(lists), columns), bool)
        for j, row in enumerate(lists):
            relevant[j, row] = True
        sizes = relevant.sum(1)
        self.kept = np.flatnonzero((sizes > 0) & (sizes < columns) if threshold == "row" else sizes >= 0)
        self.all_rows = len(lists)
        self.relevant = relevant = relevant[self.kept]
        self.rows, self.columns, self.dim, self.threshold = len(relevant), columns, dim, threshold
        # Scores are held documents x queries: sums over a query's documents then run along whole rows of the array.
        self.signs = np.where(relevant.T, -1, 1).astype(np.float32)
        # Positions of the relevant pairs, for the row threshold one column a query, short ones padded.
        self.flat = np.flatnonzero(relevant.T)
        sizes = sizes[self.kept]
        real = np.arange(max(1, int(sizes.max(initial=1))))[:, None] < sizes
        order = np.argsort(~relevant, axis=1, kind="stable")[:, : len(real)].T
        self.padded = order * self.rows + np.arange(self.rows)
        self.penalty = np.where(real, 0, -np.inf).astype(np.float32)
        self.real = np.flatnonzero(real)
        self.real_at = self.padded.reshape(-1)[self.real]

    def exists(self):
        if self.threshold == "global":
            return bool(self.relevant.any() and not self.relevant.all())
        return self.rows > 0

    def margin(self, u, v):
        """Half gap of queries (N x d) and documents (n x d), in float64."""
        s = (u / np.linalg.norm(u, axis=1)[:, None]) @ (v / np.linalg.norm(v, axis=1)[:, None]).T
        if self.threshold == "zero":
            return float(np.where(self.relevant, s, -s).min())
        if self.threshold == "global":
            return float(s[self.relevant].min() - s[~self.relevant].max()) / 2
        least = np.where(self.relevant, s, np.inf).min(1)
        return float((least - np.where(self.relevant, -np.inf, s).max(1)).min()) / 2

    def slopes(self, s, sharpness):
        """Turns scores (restarts x n x N) into the derivatives of minus the soft minimum by them, in place."""
        s *= self.signs
        s *= sharpness
        flat = s.reshape(len(s), -1)
        if self.threshold == "zero":
            flat -= flat.max(1, keepdims=True)
            np.exp(flat, out=flat)
            flat /= flat.sum(1, keepdims=True)
            s *= self.signs
        elif self.threshold == "global":
            positive = flat[:, self.flat]
            flat[:, self.flat] = -np.inf
            for part in (flat, positive):
                part -= part.max(1, keepdims=True)
                np.exp(part, out=part)
                part /= part.sum(1, keepdims=True)
            flat[:, self.flat] = -positive
        else:
            positive = flat[:, self.padded]
            positive += self.penalty
            flat[:, self.flat] = -np.inf
            size = 0
            for part in (s, positive):
                most = part.max(1, keepdims=True)
                part -= most
                np.exp(part, out=part)
                total = part.sum(1, keepdims=True)
                part /= total
                size = size + np.log(total) + most
            share = np.exp(size - size.max(2, keepdims=True))
            share /= share.sum(2, keepdims=True)
            s *= share
            positive *= share
            flat[:, self.real_at] = -positive.reshape(len(s), -1)[:, self.real]


class Restarts:
    """Runs side by side: z is restarts x d x (N + n), so that sums over d run along whole rows."""

    def __init__(self, problem, count, random):
        p = self.problem = problem
        shape = (count, p.dim, p.rows + p.columns)
        self.z = random.standard_normal(shape, np.float32)
        self.normalise()
        self.gradient, self.first, self.second, self.scratch = (np.zeros(shape, np.float32) for _ in range(4))
        self.s = np.empty((count, p.columns, p.rows), np.float32)
        self.steps = 0

    def normalise(self):
        self.z /= np.sqrt(np.einsum("bdi,bdi->bi", self.z, self.z))[:, None]

    def step(self, sharpness, rate, beta1=0.9, beta2=0.999):
        p, z, g, s = self.problem, self.z, self.gradient, self.s
        u, v = z[:, :, : p.rows], z[:, :, p.rows :]
        np.matmul(v.transpose(0, 2, 1), u, out=s)
        p.slopes(s, sharpness)
        np.matmul(v, s, out=g[:, :, : p.rows])
        np.matmul(u, s.transpose(0, 2, 1), out=g[:, :, p.rows :])
        np.multiply(z, np.einsum("bdi,bdi->bi", z, g)[:, None], out=self.scratch)
        g -= self.scratch
        self.steps += 1
        self.first *= beta1
        np.multiply(g, 1 - beta1, out=self.scratch)
        self.first += self.scratch
        g *= g
        g *= 1 - beta2
        self.second *= beta2
        self.second += g
        np.multiply(self.second, 1 / (1 - beta2**self.steps), out=g)
        np.sqrt(g, out=g)
        g += 1e-12
        np.divide(self.first, g, out=g)
        g *= rate / (1 - beta1**self.steps)
        z -= g
        self.normalise()

    def best(self):
        """Margin, queries and documents of the best restart."""
        p = self.problem
        found = None
        for z in self.z.astype(np.float64):
            u, v = z[:, : p.rows].T, z[:, p.rows :].T
            margin = p.margin(u, v)
            if found is None or margin > found[0]:
                found = margin, u, v
        return found


def anneal(run, sharpness, rate, steps, seconds):
    """One round: over when its steps or its seconds are, and annealed to the end in both cases."""
    started = time.perf_counter()
    done = 0
    while done < 1:
        run.step(sharpness * (TO / sharpness) ** done, rate * (1 - done) ** 0.5 * 0.01**done)
        done = max(run.steps / steps, (time.perf_counter() - started) / seconds)


def cost(problem, count, random):
    """Seconds of a step of `count` restarts: the least of three groups."""
    run = Restarts(problem, count, random)
    run.step(4, 0.01)
    steps = max(1, min(10, int(2e6 / run.s.size)))
    groups = []
    for _ in range(3):
        started = time.perf_counter()
        for _ in range(steps):
            run.step(4, 0.01)
        groups.append((time.perf_counter() - started) / steps)
    return min(groups)


def search(problem, seconds, seed):
    """The best margin within the seconds, its embeddings, and how many restarts and steps it took."""
    end = time.perf_counter() + seconds
    random = np.random.default_rng([seed, problem.dim])
    best, restarts, steps, rounds = None, 0, 0, 0
    count = max(1, min(64, ENTRIES // (problem.rows * problem.columns)))
    per_step = cost(problem, count, random)
    while count > 1 and seconds / per_step < 2 * SETTINGS[0][2]:
        count = (count + 1) // 2
        per_step = cost(problem, count, random)
    while True:
        left = end - time.perf_counter()
        sharpness, rate, wanted = SETTINGS[(rounds + seed) % len(SETTINGS)]
        # What is left goes into whole rounds: none starts that has not time for half its steps.
        share = left / (wanted * per_step)
        if best is not None and share < 0.5:
            break
        planned = max(50, int(left / per_step)) if share < 1.5 else wanted
        run = Restarts(problem, count, random)
        started = time.perf_counter()
        anneal(run, sharpness, rate, planned, left)
        per_step = (time.perf_counter() - started) / run.steps
        found = run.best()
        if best is None or found[0] > best[0]:
            best = found + ({"sharpness": sharpness, "rate": rate, "steps": run.steps},)
        restarts += count
        steps += run.steps * count
        rounds += 1
    return best, restarts, steps


def kernel():
    """The BLAS that numpy loaded and the kernel it chose for this processor."""
    with open("/proc/self/maps", encoding="utf8") as maps:
        paths = sorted({line.split()[-1] for line in maps if re.search(r"openblas.*\.so", line)})
    for path in paths:
        library = ctypes.CDLL(path)
        for prefix, suffix in (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", "")):
            try:
                name = getattr(library, f"{prefix}openblas_get_corename{suffix}")
                config = getattr(library, f"{prefix}openblas_get_config{suffix}")
            except AttributeError:
                continue
            name.restype = config.restype = ctypes.c_char_p
            return f"{' '.join(config().decode().split()[:2])}, {name().decode()} kernel"
    return "BLAS unknown"


def complete(text):
    from itertools import combinations

    n, k = map(int, re.fullmatch(r"complete:(\d+),(\d+)", text).groups())
    return {"columns": n, "lists": [list(row) for row in combinations(range(n), k)]}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("job", help="a JSON file, or complete:n,k")
    options.add_argument("--dim", type=int)
    options.add_argument("--time", type=float)
    options.add_argument("--seed", type=int)
    options.add_argument("--thresholds")
    options.add_argument("--save", metavar="folder")
    given = options.parse_args()
    if given.job.startswith("complete:"):
        job = complete(given.job)
    else:
        with open(given.job, encoding="utf8") as file:
            job = json.load(file)
    dim = given.dim or job["dim"]
    seconds = given.time or job.get("seconds", 3)
    thresholds = given.thresholds.split(",") if given.thresholds else job.get("thresholds", ["zero", "global", "row"])
    seed = given.seed if given.seed is not None else job.get("seed", 0)
    results = {}
    for threshold in thresholds:
        problem = Problem(job["columns"], job["lists"], dim, threshold)
        if not problem.exists():
            results[threshold] = None
            continue
        started = time.perf_counter()
        (margin, u, v, of), restarts, steps = search(problem, seconds / len(thresholds), seed)
        results[threshold] = {
            "margin": margin,
            "seconds": time.perf_counter() - started,
            "restarts": restarts,
            "steps": steps,
            "of": of,
        }
        if given.save:
            queries = np.zeros((problem.all_rows, dim))
            queries[:, 0] = 1
            queries[problem.kept] = u / np.linalg.norm(u, axis=1)[:, None]
            os.makedirs(given.save, exist_ok=True)
            np.save(os.path.join(given.save, f"{threshold}-queries.npy"), queries)
            documents = v / np.linalg.norm(v, axis=1)[:, None]
            np.save(os.path.join(given.save, f"{threshold}-documents.npy"), np.ascontiguousarray(documents))
    print(json.dumps({"results": results, "numpy": np.__version__, "blas": kernel(), "seed": seed}))


if __name__ == "__main__":
    main()
