/*
 * One pass over all pairs (query, document), included twice: in float32 (annealing) and in float64 (polish, bounds).
 * REAL, LANES, VEC and the vector operations are defined by kernels.c; NAME(x) adds the precision to a name.
 */

/* exp(x) for x in [-80, 80]: x = k ln 2 + r, Taylor in r (relative error below 2e-7 in float32, 1e-15 in float64). */
static inline VEC NAME(exponential)(VEC x) {
  VEC shifted = ADD(MUL(x, SPLAT(LOG2_E)), SPLAT(MAGIC));
  VEC k = SUB(shifted, SPLAT(MAGIC));
  VEC r = SUB(SUB(x, MUL(k, SPLAT(LN2_HIGH))), MUL(k, SPLAT(LN2_LOW)));
  VEC p = SPLAT(TAYLOR[0]);
  for (int i = 1; i < TAYLOR_TERMS; i++) p = ADD(MUL(p, r), SPLAT(TAYLOR[i]));
  return MUL(p, POWER_OF_TWO(shifted));
}

static inline REAL NAME(exponential1)(REAL x) { return LANE0(NAME(exponential)(SPLAT(x))); }

/* Transposes the documents: columns of `transposed` (dims x columnsPadded) are documents, padding is zero. */
static void NAME(transpose)(const struct Pass *a, const REAL *documents, REAL *transposed) {
  for (int k = 0; k < a->dims; k++) {
    REAL *row = transposed + (long)k * a->columnsPadded;
    for (int i = 0; i < a->columns; i++) row[i] = documents[(long)i * a->stride + k];
    for (int i = a->columns; i < a->columnsPadded; i++) row[i] = 0;
  }
}

/* scores[i] = <query, document i>; accumulators stay in registers, four vectors of documents at a time. */
static inline void NAME(scoreRow)(const struct Pass *a, const REAL *query, const REAL *transposed, REAL *scores) {
  int step = a->columnsPadded;
  for (int c = 0; c < step; c += 4 * LANES) {
    VEC s0 = SPLAT(0), s1 = s0, s2 = s0, s3 = s0;
    const REAL *at = transposed + c;
    for (int k = 0; k < a->dims; k++, at += step) {
      VEC u = SPLAT(query[k]);
      s0 = ADD(s0, MUL(u, LOAD(at)));
      s1 = ADD(s1, MUL(u, LOAD(at + LANES)));
      s2 = ADD(s2, MUL(u, LOAD(at + 2 * LANES)));
      s3 = ADD(s3, MUL(u, LOAD(at + 3 * LANES)));
    }
    STORE(scores + c, s0);
    STORE(scores + c + LANES, s1);
    STORE(scores + c + 2 * LANES, s2);
    STORE(scores + c + 3 * LANES, s3);
  }
}

/* pull += sum over the list of weight * document; push[document] += weight * query. Blocks of four vectors of dims. */
static inline void NAME(spread)(const struct Pass *a, int count, const int *list, const REAL *weights, const REAL *query,
                                const REAL *documents, REAL *pull, REAL *push) {
  int stride = a->stride;
  int k = 0;
  for (; k + 4 * LANES <= stride; k += 4 * LANES) {
    VEC q0 = LOAD(query + k), q1 = LOAD(query + k + LANES), q2 = LOAD(query + k + 2 * LANES), q3 = LOAD(query + k + 3 * LANES);
    VEC p0 = LOAD(pull + k), p1 = LOAD(pull + k + LANES), p2 = LOAD(pull + k + 2 * LANES), p3 = LOAD(pull + k + 3 * LANES);
    for (int e = 0; e < count; e++) {
      VEC w = SPLAT(weights[e]);
      const REAL *from = documents + (long)list[e] * stride + k;
      REAL *to = push + (long)list[e] * stride + k;
      p0 = ADD(p0, MUL(w, LOAD(from)));
      p1 = ADD(p1, MUL(w, LOAD(from + LANES)));
      p2 = ADD(p2, MUL(w, LOAD(from + 2 * LANES)));
      p3 = ADD(p3, MUL(w, LOAD(from + 3 * LANES)));
      STORE(to, ADD(LOAD(to), MUL(w, q0)));
      STORE(to + LANES, ADD(LOAD(to + LANES), MUL(w, q1)));
      STORE(to + 2 * LANES, ADD(LOAD(to + 2 * LANES), MUL(w, q2)));
      STORE(to + 3 * LANES, ADD(LOAD(to + 3 * LANES), MUL(w, q3)));
    }
    STORE(pull + k, p0);
    STORE(pull + k + LANES, p1);
    STORE(pull + k + 2 * LANES, p2);
    STORE(pull + k + 3 * LANES, p3);
  }
  for (; k < stride; k += LANES) {
    VEC q0 = LOAD(query + k), p0 = LOAD(pull + k);
    for (int e = 0; e < count; e++) {
      VEC w = SPLAT(weights[e]);
      REAL *to = push + (long)list[e] * stride + k;
      p0 = ADD(p0, MUL(w, LOAD(documents + (long)list[e] * stride + k)));
      STORE(to, ADD(LOAD(to), MUL(w, q0)));
    }
    STORE(pull + k, p0);
  }
}

/*
 * The pass: smoothed minima and their gradients. See passes.ts for the formulas.
 * queryPull (rows x stride): sum over negatives of weight * document. entryWeight: one weight a stored positive.
 * pushPositive, pushNegative (columns x stride): sum over queries of weight * query.
 */
__attribute__((export_name(EXPORT(pass)))) void NAME(pass)(struct Pass *a) {
  const REAL *queries = (const REAL *)a->queries, *documents = (const REAL *)a->documents;
  REAL *transposed = (REAL *)a->transposed, *scores = (REAL *)a->scores;
  REAL *queryPull = (REAL *)a->queryPull, *entryWeight = (REAL *)a->entryWeight;
  REAL *pushPositive = (REAL *)a->pushPositive, *pushNegative = (REAL *)a->pushNegative;
  REAL *listWeight = (REAL *)a->listWeight;
  int *list = (int *)a->list;
  const unsigned *start = (const unsigned *)a->start, *index = (const unsigned *)a->index;
  int stride = a->stride, columns = a->columns, byRow = a->byRow;
  REAL sharpness = (REAL)a->sharpness;
  for (long i = 0; i < (long)columns * stride; i++) pushPositive[i] = pushNegative[i] = 0;
  NAME(transpose)(a, documents, transposed);
  double sumPositive = 0, sumNegative = 0, sumRows = 0;
  double leastPositive = FAR, greatestNegative = -FAR, leastRow = FAR;
  for (int j = 0; j < a->rows; j++) {
    const REAL *query = queries + (long)j * stride;
    REAL *pull = queryPull + (long)j * stride;
    for (int k = 0; k < stride; k++) pull[k] = 0;
    NAME(scoreRow)(a, query, transposed, scores);
    unsigned from = start[j], to = start[j + 1];
    REAL least = (REAL)FAR;
    for (unsigned e = from; e < to; e++) {
      REAL s = scores[index[e]];
      entryWeight[e] = s;
      if (s < least) least = s;
      scores[index[e]] = (REAL)-FAR;
    }
    for (int i = columns; i < a->columnsPadded; i++) scores[i] = (REAL)-FAR;
    VEC top = SPLAT((REAL)-FAR);
    for (int i = 0; i < a->columnsPadded; i += LANES) top = MAX(top, LOAD(scores + i));
    REAL greatest = LANE0(top);
    for (int l = 1; l < LANES; l++) if (LANE(top, l) > greatest) greatest = LANE(top, l);
    if (to > from && least < leastPositive) leastPositive = least;
    if ((int)(to - from) < columns && greatest > greatestNegative) greatestNegative = greatest;
    int both = to > from && (int)(to - from) < columns;
    if (both && (least - greatest) / 2 < leastRow) leastRow = (least - greatest) / 2;
    if (byRow && !both) {
      for (unsigned e = from; e < to; e++) entryWeight[e] = 0;
      continue;
    }
    REAL atPositive = byRow ? least : (REAL)a->atPositive, atNegative = byRow ? greatest : (REAL)a->atNegative;
    /* weights of the negatives that matter, as a list */
    int count = 0;
    double rowNegative = 0, rowPositive = 0;
    REAL floor = atNegative - (REAL)CUT / sharpness;
    for (int i = 0; i < a->columnsPadded; i += LANES) {
      VEC s = LOAD(scores + i);
      if (!ANY(GREATER(s, SPLAT(floor)))) continue;
      VEC w = NAME(exponential)(MIN(SPLAT((REAL)60), MAX(SPLAT((REAL)-60), MUL(SPLAT(sharpness), SUB(s, SPLAT(atNegative))))));
      for (int l = 0; l < LANES; l++) {
        if (LANE(s, l) > floor) {
          REAL weight = LANE(w, l);
          list[count] = i + l;
          listWeight[count++] = weight;
          rowNegative += weight;
        }
      }
    }
    for (unsigned e = from; e < to; e++) {
      REAL x = sharpness * (atPositive - entryWeight[e]);
      REAL weight = x < (REAL)-CUT ? 0 : NAME(exponential1)(x > 60 ? 60 : x);
      entryWeight[e] = weight;
      rowPositive += weight;
    }
    if (byRow) {
      double x = a->sharpness * (a->atRow - (double)(least - greatest) / 2);
      double whole = x < -CUT ? 0 : (double)NAME(exponential1)((REAL)(x > 60 ? 60 : x)) * __builtin_sqrt(rowPositive * rowNegative);
      sumRows += whole;
      REAL scaleNegative = (REAL)(whole / (2 * rowNegative)), scalePositive = (REAL)(whole / (2 * rowPositive));
      for (int e = 0; e < count; e++) listWeight[e] *= scaleNegative;
      for (unsigned e = from; e < to; e++) entryWeight[e] *= scalePositive;
      if (whole == 0) continue;
    } else {
      sumNegative += rowNegative;
      sumPositive += rowPositive;
    }
    NAME(spread)(a, count, list, listWeight, query, documents, pull, pushNegative);
    for (unsigned e = from; e < to; e++) {
      VEC w = SPLAT(entryWeight[e]);
      if (entryWeight[e] == 0) continue;
      REAL *push = pushPositive + (long)index[e] * stride;
      for (int k = 0; k < stride; k += LANES) STORE(push + k, ADD(LOAD(push + k), MUL(w, LOAD(query + k))));
    }
  }
  a->sumPositive = sumPositive;
  a->sumNegative = sumNegative;
  a->sumRows = sumRows;
  a->leastPositive = leastPositive;
  a->greatestNegative = greatestNegative;
  a->leastRow = leastRow;
}

/*
 * Turns the raw sums into the gradient of the loss (minus the smoothed margin), in place:
 * queryPull <- scaleNegative * queryPull - scalePositive * sum of entryWeight * document (less its part along the query),
 * pushNegative <- scaleNegative * pushNegative - scalePositive * pushPositive (less its part along the document).
 * The parts along each vector, whose sizes are the curvatures that the sphere adds, go to queryAlong and documentAlong.
 */
static REAL NAME(tangent)(REAL *gradient, const REAL *at, int stride) {
  VEC dot = SPLAT(0);
  for (int k = 0; k < stride; k += LANES) dot = ADD(dot, MUL(LOAD(gradient + k), LOAD(at + k)));
  REAL along = 0;
  for (int l = 0; l < LANES; l++) along += LANE(dot, l);
  for (int k = 0; k < stride; k += LANES) STORE(gradient + k, SUB(LOAD(gradient + k), MUL(SPLAT(along), LOAD(at + k))));
  return along;
}

__attribute__((export_name(EXPORT(combine)))) void NAME(combine)(struct Pass *a, double scalePositive, double scaleNegative) {
  const REAL *queries = (const REAL *)a->queries, *documents = (const REAL *)a->documents;
  REAL *queryPull = (REAL *)a->queryPull;
  const REAL *entryWeight = (const REAL *)a->entryWeight, *pushPositive = (const REAL *)a->pushPositive;
  REAL *pushNegative = (REAL *)a->pushNegative;
  const unsigned *start = (const unsigned *)a->start, *index = (const unsigned *)a->index;
  int stride = a->stride;
  REAL sp = (REAL)scalePositive, sn = (REAL)scaleNegative;
  for (int j = 0; j < a->rows; j++) {
    REAL *pull = queryPull + (long)j * stride;
    for (int k = 0; k < stride; k++) pull[k] *= sn;
    for (unsigned e = start[j]; e < start[j + 1]; e++) {
      if (entryWeight[e] == 0) continue;
      VEC w = SPLAT(-sp * entryWeight[e]);
      const REAL *document = documents + (long)index[e] * stride;
      for (int k = 0; k < stride; k += LANES) STORE(pull + k, ADD(LOAD(pull + k), MUL(w, LOAD(document + k))));
    }
    ((REAL *)a->queryAlong)[j] = NAME(tangent)(pull, queries + (long)j * stride, stride);
  }
  for (int i = 0; i < a->columns; i++) {
    REAL *push = pushNegative + (long)i * stride;
    const REAL *positive = pushPositive + (long)i * stride;
    for (int k = 0; k < stride; k++) push[k] = sn * push[k] - sp * positive[k];
    ((REAL *)a->documentAlong)[i] = NAME(tangent)(push, documents + (long)i * stride, stride);
  }
}

/* One Adam step on `count` unit rows, each put back on the sphere. Second moments below TINY are dropped (no denormals). */
__attribute__((export_name(EXPORT(adam)))) void NAME(adam)(int count, int stride, REAL *at, const REAL *gradient, REAL *first,
                                                           REAL *second, double rate, double decay1, double decay2,
                                                           double correction1, double correction2) {
  VEC b1 = SPLAT((REAL)decay1), c1 = SPLAT((REAL)(1 - decay1)), b2 = SPLAT((REAL)decay2), c2 = SPLAT((REAL)(1 - decay2));
  VEC scale = SPLAT((REAL)(rate / correction1)), root = SPLAT((REAL)(1 / correction2)), tiny = SPLAT((REAL)TINY);
  VEC epsilon = SPLAT((REAL)EPSILON);
  for (int j = 0; j < count; j++) {
    long o = (long)j * stride;
    VEC norm = SPLAT(0);
    for (int k = 0; k < stride; k += LANES) {
      VEC g = LOAD(gradient + o + k);
      VEC m = ADD(MUL(b1, LOAD(first + o + k)), MUL(c1, g));
      VEC s = ADD(MUL(b2, LOAD(second + o + k)), MUL(c2, MUL(g, g)));
      s = KEEP(s, GREATER(s, tiny));
      STORE(first + o + k, m);
      STORE(second + o + k, s);
      VEC x = SUB(LOAD(at + o + k), DIV(MUL(scale, m), ADD(SQRT(MUL(s, root)), epsilon)));
      STORE(at + o + k, x);
      norm = ADD(norm, MUL(x, x));
    }
    REAL square = 0;
    for (int l = 0; l < LANES; l++) square += LANE(norm, l);
    VEC inverse = SPLAT((REAL)(1 / __builtin_sqrt((double)square)));
    for (int k = 0; k < stride; k += LANES) STORE(at + o + k, MUL(inverse, LOAD(at + o + k)));
  }
}
