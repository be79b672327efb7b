/* The arithmetic of the explorer, run in a worker: chaos expansions at one point and over all draws.

   in   {kind: "begin", model, bytes}     numbers of the page; answered by {kind: "ready"}
        {kind: "point", id, x, set}       -> {kind: "point", id, mean, std, sums, outside, set}, `set` as in sets.js
        {kind: "sample", id, conditions, ...} -> {kind: "sample", id, ...}: all draws, in blocks, so that points need not wait
   The equations are those of uq.surrogates.polynomial_chaos.basis, uq.requirements.conditioning and uq.requirements.probability. */
"use strict";

const BLOCK = 128, PAUSE = 4, HALF_WIDTH = 1.6448536269514722, BINS = 24, CELLS = 40;

// -- the normal law --------------------------------------------------------------------------------------------------

/* Phi(x): Marsaglia's series near zero, Laplace's continued fraction in the tails. */
function normal(x) {
  if (x > 3) return 1 - normal(-x);
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  if (x < -38) return 0;
  if (x < -3) {
    let fraction = -x;
    for (let k = 120; k > 0; k--) fraction = -x + k / fraction;
    return density / fraction;
  }
  let term = x, sum = x;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) sum += term *= (x * x) / k;
  return 0.5 + density * sum;
}

function ratio(above, below, r) {
  let a = 0, b = 0;
  for (let k = above.length - 1; k >= 0; k--) a = a * r + above[k];
  for (let k = below.length - 1; k >= 0; k--) b = b * r + below[k];
  return a / b;
}

/* Phi^-1(p): algorithm AS 241, Wichura (1988), doi:10.2307/2347330. */
const CENTRE = [
  [3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
    67265.770927008700853, 33430.575583588128105, 2509.0809287301226727],
  [1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
    28729.085735721942674, 5226.495278852854561]];
const NEAR = [
  [1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4],
  [1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9]];
const FAR = [
  [6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7],
  [1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15]];
function germ(p) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(...CENTRE, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(Math.max(q < 0 ? p : 1 - p, 1e-300)));
  const z = r <= 5 ? ratio(...NEAR, r - 1.6) : ratio(...FAR, r - 5);
  return q < 0 ? -z : z;
}

/* A standard normal value between two germs, from a uniform one, and the mass between them. */
function truncated(u, low, high) {
  const upper = low > 0, a = upper ? normal(-high) : normal(low), b = upper ? normal(-low) : normal(high);
  const z = germ(upper ? b - u * (b - a) : a + u * (b - a));
  return [Math.min(Math.max(upper ? -z : z, low), high), b - a];
}

// -- the model of the page ---------------------------------------------------------------------------------------------

let model = null, base = null;

/* The draws and their outputs while nothing is asked are made before the first question: it takes no longer than the others. */
async function begin(record, bytes) {
  const kinds = { f8: Float64Array, f4: Float32Array, u2: Uint16Array, i4: Int32Array };
  const whole = (value) => {
    if (Array.isArray(value)) return value.map(whole);
    if (value === null || typeof value !== "object") return value;
    if ("base64" in value) return new kinds[value.kind](Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0)).buffer);
    if ("bytes" in value) return new kinds[value.kind](bytes, value.bytes, value.size);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, whole(one)]));
  };
  model = whole(record);
  for (const basis of model.bases) Object.assign(basis, { blocks: [], tops: new Int32Array(model.inputs.length) });
  for (const { basis, places } of model.parts) for (const place of places) {
    const { tops } = model.bases[basis], j = place % tops.length;
    tops[j] = Math.max(tops[j], Math.floor(place / tops.length));
  }
  const { inputs, rows, span, germs } = model, d = inputs.length;
  const step = 2 * span / 65535, z = inputs.map((_, j) => {
    const found = new Float64Array(rows);
    for (let i = 0, at = j * rows; i < rows; i++) found[i] = germs[at + i] * step - span;
    return found;
  });
  const x = inputs.map((input, j) => {
    const w = new Float64Array(rows);
    for (let k = 0; k <= j; k++) {
      const weight = model.factor[j * d + k], own = z[k];
      if (weight) for (let i = 0; i < rows; i++) w[i] += weight * own[i];
    }
    for (let i = 0; i < rows; i++) w[i] = quantile(input, w[i]);
    return w;
  });
  base = { z, x, u: new Map(), weight: new Float64Array(rows).fill(1) };
  base.y = await means(x);
  x.forEach(cells);
}

/* The input at a dependent germ w, from a table of equal steps in w; of a discrete law, from the germs of its steps. */
function quantile(input, w) {
  const { table, edges } = input, last = table.length - 1;
  if (edges) {
    let k = 0;
    while (k < last && w >= edges[k]) k++;
    return table[k];
  }
  const at = Math.min(Math.max((w + model.span) * (last / (2 * model.span)), 0), last);
  const k = Math.min(Math.floor(at), last - 1);
  return table[k] + (at - k) * (table[k + 1] - table[k]);
}

/* The germ at which the input is x (its inverse); of a discrete law the `least` germ of x, else the largest. */
function germOf(input, x, least) {
  const { table, edges } = input, last = table.length - 1;
  if (edges) {
    const below = table.filter((value) => (least ? value < x : value <= x)).length;
    return below === 0 ? -model.span : below > last ? model.span : edges[below - 1];
  }
  if (x <= table[0]) return -model.span;
  if (x >= table[last]) return model.span;
  let low = 0, high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (table[middle] < x) low = middle; else high = middle;
  }
  const share = (x - table[low]) / (table[high] - table[low]);
  return (low + share) * (2 * model.span / last) - model.span;
}

// -- expansions ----------------------------------------------------------------------------------------------------------

/* psi[(degree * d + j) * n + i] of n points x[j][first + i], for the inputs whose column is not the one in `held`, which
   it notes; t is room for n numbers. */
function polynomials(basis, x, first, n, psi, t, held) {
  const d = model.inputs.length;
  for (let j = 0; j < d; j++) {
    const own = x[j];
    if (held[j] === own) continue;
    held[j] = own;
    const shift = basis.shift[j], scale = basis.scale[j];
    if (basis.logarithmic[j]) for (let i = 0; i < n; i++) t[i] = (Math.log(own[first + i]) - shift) / scale;
    else for (let i = 0; i < n; i++) t[i] = (own[first + i] - shift) / scale;
    for (let k = 0; k < basis.tops[j]; k++) {
      const at = k * d + j, factor = basis.factor[at], offset = basis.offset[at], back = k ? basis.back[at] : 0;
      const now = at * n, next = now + d * n, before = k ? now - d * n : now;
      for (let i = 0; i < n; i++) psi[next + i] = (t[i] * factor + offset) * psi[now + i] - back * psi[before + i];
    }
  }
}

/* Polynomials of n points, of which nothing is known yet but that those of degree 0 are one. */
function blank(basis, n) {
  const d = model.inputs.length, psi = new Float64Array((basis.degree + 1) * d * n);
  return { psi: psi.fill(1, 0, d * n), held: new Array(d).fill(null) };
}

/* The terms of one output as sums within products: constant + sum of weights times leaves + sum of heads times the same
   again, so that a term costs one multiplication.  With `moved`, only the terms that hold one of these inputs. */
function nested(part, column, moved) {
  const { start, places, weights } = part, m = part.columns.length, d = model.inputs.length;
  const terms = [], often = new Map();
  for (let t = 0; t + 1 < start.length; t++) {
    const factors = [...places.subarray(start[t], start[t + 1])], weight = weights[t * m + column];
    if (!weight || (moved && !factors.some((place) => moved.has(place % d)))) continue;
    terms.push({ factors, weight });
    for (const place of factors) often.set(place, (often.get(place) || 0) + 1);
  }
  for (const term of terms) term.factors.sort((a, b) => often.get(b) - often.get(a) || a - b);
  const gathered = (some, depth) => {
    const found = { constant: 0, leaves: [], weights: [], heads: [], groups: [] }, below = new Map();
    for (const { factors, weight } of some) {
      if (factors.length === depth) found.constant += weight;
      else if (!below.has(factors[depth])) below.set(factors[depth], [{ factors, weight }]);
      else below.get(factors[depth]).push({ factors, weight });
    }
    for (const [place, those] of below) {
      if (those.length === 1 && those[0].factors.length === depth + 1) {
        found.leaves.push(place);
        found.weights.push(those[0].weight);
      } else {
        found.heads.push(place);
        found.groups.push(gathered(those, depth + 1));
      }
    }
    return { ...found, leaves: Int32Array.from(found.leaves), weights: Float64Array.from(found.weights) };
  };
  return gathered(terms, 0);
}

/* sum[first + i] = the value of a group at n points. */
function summed(group, psi, n, sum, first, depth) {
  const { leaves, weights } = group;
  sum.fill(group.constant, first, first + n);
  let t = 0;
  for (; t + 3 < leaves.length; t += 4) {
    const a = leaves[t] * n, b = leaves[t + 1] * n, c = leaves[t + 2] * n, e = leaves[t + 3] * n;
    const wa = weights[t], wb = weights[t + 1], wc = weights[t + 2], we = weights[t + 3];
    for (let i = 0; i < n; i++) sum[first + i] += wa * psi[a + i] + wb * psi[b + i] + wc * psi[c + i] + we * psi[e + i];
  }
  for (; t < leaves.length; t++) {
    const a = leaves[t] * n, wa = weights[t];
    for (let i = 0; i < n; i++) sum[first + i] += wa * psi[a + i];
  }
  for (let g = 0; g < group.groups.length; g++) {
    const inner = layer(depth), a = group.heads[g] * n;
    summed(group.groups[g], psi, n, inner, 0, depth + 1);
    for (let i = 0; i < n; i++) sum[first + i] += psi[a + i] * inner[i];
  }
}

const layers = [];
const layer = (depth) => (layers[depth] ??= new Float64Array(BLOCK));

/* All expansions at all draws, block by block; `moved` as in `nested`.  Polynomials of draws stay until an input moves. */
async function means(x, moved) {
  const { rows } = model, y = columns(() => new Float64Array(rows)), u = new Float64Array(BLOCK);
  const programs = model.parts.map((part) => part.columns.map((_, k) => nested(part, k, moved)));
  for (let first = 0, block = 0; first < rows; first += BLOCK, block++) {
    const n = Math.min(BLOCK, rows - first);
    model.bases.forEach((basis, b) => {
      const { psi, held } = basis.blocks[block] ??= blank(basis, n);
      polynomials(basis, x, first, n, psi, u, held);
      model.parts.forEach((part, p) => {
        if (part.basis === b) part.columns.forEach((place, k) => summed(programs[p][k], psi, n, y[place], first, 0));
      });
    });
    if (block % PAUSE === PAUSE - 1) await breath();
  }
  return y;
}

/* One thing for each column of all expansions. */
const columns = (make) => model.parts.flatMap((part) => part.columns.map(make));

function point(x) {
  const mean = columns(() => 0), variance = mean.slice(), u = new Float64Array(1);
  const own = Array.from(x, (value) => [value]);
  model.bases.forEach((basis, b) => {
    const { psi, held } = blank(basis, 1);
    polynomials(basis, own, 0, 1, psi, u, held);
    for (const part of model.parts) {
      if (part.basis !== b) continue;
      const { start, places, weights, uncertainty } = part, m = part.columns.length, many = part.directions * m;
      const deviations = new Float64Array(many);
      for (let t = 0; t + 1 < start.length; t++) {
        let term = 1;
        for (let f = start[t]; f < start[t + 1]; f++) term *= psi[places[f]];
        for (let k = 0; k < m; k++) mean[part.columns[k]] += weights[t * m + k] * term;
        for (let k = 0; k < many; k++) deviations[k] += uncertainty[t * many + k] * term;
      }
      part.columns.forEach((place, k) => {
        variance[place] = part.floor[k];
        for (let r = 0; r < part.directions; r++) variance[place] += deviations[r * m + k] ** 2;
      });
    }
  });
  const mixed = model.outputs.map((output) => mixture(output, mean, variance));
  const means = mixed.map((one) => one[0]), std = mixed.map((one) => one[1]);
  return { mean: means, std, sums: model.sums.map((sum) => combined(sum, means, std, x)), outside: outside(x) };
}

/* Mean and standard deviation of an output, an expansion or the mixture of two (uq.surrogates.composite). */
function mixture(output, mean, variance) {
  if (output.plain !== null) return [mean[output.plain], Math.sqrt(variance[output.plain])];
  const { above, below } = output, p = normal(mean[output.switch] / output.error), y = p * mean[above] + (1 - p) * mean[below];
  return [y, Math.sqrt(p * (variance[above] + (mean[above] - y) ** 2) + (1 - p) * (variance[below] + (mean[below] - y) ** 2))];
}

/* The outputs at all draws, of the columns of all expansions. */
function outputsOf(found) {
  const chances = new Map();
  return model.outputs.map((output) => {
    if (output.plain !== null) return found[output.plain];
    if (!chances.has(output.switch)) chances.set(output.switch, found[output.switch].map((s) => reached(s / output.error)));
    const p = chances.get(output.switch), above = found[output.above], below = found[output.below];
    return p.map((chance, i) => chance * above[i] + (1 - chance) * below[i]);
  });
}

/* A sum of outputs and inputs; its error the sum of theirs, as if they erred together. */
function combined(sum, mean, std, x) {
  let value = sum.constant, error = 0;
  for (const [k, weight] of sum.outputs) {
    value += weight * mean[k];
    error += Math.abs(weight) * std[k];
  }
  for (const [j, weight] of sum.inputs) value += weight * x[j];
  return { mean: value, std: error };
}

/* Which rules of uq.surrogates.domain say that a point lies outside of what was trained. */
function outside(x) {
  const { inputs, domain } = model, d = inputs.length;
  const beyond = inputs.flatMap((input, j) => (x[j] >= input.low && x[j] <= input.high ? [] : [j]));
  const z = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const at = Math.min(Math.max(x[j], inputs[j].low), inputs[j].high);
    let w = inputs[j].edges
      ? 0.5 * (germOf(inputs[j], at, true) + germOf(inputs[j], at))
      : Math.min(Math.max(germOf(inputs[j], at), -4.264890793922825), 4.264890793922825);  // of 1e-5, as there
    for (let k = 0; k < j; k++) w -= model.factor[j * d + k] * z[k];
    z[j] = w / model.factor[j * d + j];
  }
  let radius = 0, distance = 0;
  for (let j = 0; j < d; j++) {
    radius += z[j] * z[j];
    let w = 0;
    for (let k = 0; k <= j; k++) w += domain.root[j * d + k] * (z[k] - domain.centre[k]);
    distance += w * w;
  }
  return { beyond, far: radius > domain.radius, apart: domain.distance !== null && distance > domain.distance };
}

// -- draws under what is required --------------------------------------------------------------------------------------------

/* The inputs joined to some by chains of correlation. */
function tied(some) {
  const d = model.inputs.length, known = new Set(some), open = [...known];
  while (open.length) {
    const i = open.pop();
    for (let j = 0; j < d; j++) if (model.correlation[i * d + j] && !known.has(j)) {
      known.add(j);
      open.push(j);
    }
  }
  return [...known].sort((a, b) => a - b);
}

function cholesky(order) {
  const d = model.inputs.length, m = order.length, root = order.map(() => new Float64Array(m));
  for (let a = 0; a < m; a++) for (let b = 0; b <= a; b++) {
    let sum = model.correlation[order[a] * d + order[b]];
    for (let k = 0; k < b; k++) sum -= root[a][k] * root[b][k];
    root[a][b] = a === b ? Math.sqrt(Math.max(sum, 1e-300)) : sum / root[b][b];
  }
  return root;
}

/* Draws conditioned on conditions [{input, side: "least" | "most" | "exactly", value}], by the GHK simulator: each group of
   tied inputs for itself, and only those of which something else is asked than before. */
let groups = new Map();
function conditioned(conditions) {
  const asked = new Map(), before = groups, x = [...base.x], weight = base.weight.slice();
  for (const condition of conditions) {
    const name = String(tied([condition.input]));
    asked.set(name, [...(asked.get(name) ?? []), condition]);
  }
  groups = new Map([...asked].map(([name, own]) => {
    const key = JSON.stringify(own);
    return [key, before.get(key) ?? group(name.split(",").map(Number), own)];
  }));
  for (const { columns: moved, mass } of groups.values()) {
    for (const [j, column] of moved) x[j] = column;
    for (let i = 0; mass && i < weight.length; i++) weight[i] *= mass[i];
  }
  return { x, weight };
}

function group(members, conditions) {
  const { rows, inputs } = model, conditionOf = new Map(conditions.map((condition) => [condition.input, condition]));
  const exact = conditions.filter((condition) => condition.side === "exactly").map((condition) => condition.input);
  const bounded = conditions.filter((condition) => condition.side !== "exactly").map((condition) => condition.input);
  const order = [...exact, ...bounded, ...members.filter((j) => !conditionOf.has(j))];
  const root = cholesky(order), z = new Float64Array(order.length);
  const at = order.map((j) => (conditionOf.has(j) ? germOf(inputs[j], conditionOf.get(j).value, conditionOf.get(j).side === "least") : 0));
  for (const j of bounded) if (!base.u.has(j)) base.u.set(j, base.z[j].map(normal));
  const uniform = order.map((j) => base.u.get(j)), germs = order.map((j) => base.z[j]);
  const found = order.map(() => new Float64Array(rows)), mass = bounded.length ? new Float64Array(rows).fill(1) : null;
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < order.length; k++) {
      const j = order[k], condition = conditionOf.get(j), scale = root[k][k];
      let before = 0;
      for (let l = 0; l < k; l++) before += root[k][l] * z[l];
      if (!condition) z[k] = germs[k][i];
      else if (condition.side === "exactly") z[k] = (at[k] - before) / scale;
      else {
        const bound = (at[k] - before) / scale, least = condition.side === "least";
        const [value, share] = truncated(uniform[k][i], least ? bound : -Infinity, least ? Infinity : bound);
        z[k] = value;
        mass[i] *= share;
      }
      let value = quantile(inputs[j], before + scale * z[k]);
      if (condition) {
        if (condition.side === "exactly") value = condition.value;
        else value = condition.side === "least" ? Math.max(value, condition.value) : Math.min(value, condition.value);
      }
      found[k][i] = value;
    }
  }
  return { columns: order.map((j, k) => [j, found[k]]), mass };
}

// -- the Monte Carlo ---------------------------------------------------------------------------------------------------------

let wanted = null, busy = false;
const channel = new MessageChannel();
const breath = () => new Promise((resolve) => {
  channel.port1.onmessage = resolve;
  channel.port2.postMessage(0);
});

async function work() {
  busy = true;
  while (wanted) {
    const asked = wanted, began = performance.now();
    wanted = null;
    const drawn = conditioned(asked.conditions);
    await breath();
    const y = outputsOf(await answered(drawn));
    const found = await summary(asked, drawn, y);
    postMessage({ kind: "sample", id: asked.id, ...found, milliseconds: performance.now() - began });
  }
  busy = false;
}

/* The expansions at other draws: what they were, less the terms that hold inputs whose draws are others now, and those
   terms again.  A slider that goes on moving leaves the rest as it is. */
let current = null, rest = { name: "", y: null };
async function answered({ x }) {
  current ??= { x: base.x, y: base.y };
  const moved = x.flatMap((column, j) => (column === current.x[j] ? [] : [j]));
  if (x.every((column, j) => column === base.x[j])) {
    current = { x, y: base.y };
    rest = { name: "", y: null };
  } else if (moved.length) {
    const name = String(moved), inputs = new Set(moved);
    if (rest.name !== name) {
      const before = await means(current.x, inputs);
      rest = { name, y: current.y.map((values, k) => values.map((value, i) => value - before[k][i])) };
    }
    const y = await means(x, inputs);
    y.forEach((values, k) => {
      const other = rest.y[k];
      for (let i = 0; i < values.length; i++) values[i] += other[i];
    });
    current = { x, y };
  }
  return current.y;
}

/* Weighted moments and quantiles, compliance, histogram and shares of variance of all draws. */
async function summary(asked, drawn, y) {
  const { rows } = model, total = drawn.weight.reduce((a, b) => a + b, 0);
  const prior = total / rows, at = asked.shown;
  if (!(prior > 1e-9)) return { prior, shown: at, contradiction: true };
  const p = drawn.weight.map((w) => w / total), size = 1 / p.reduce((a, b) => a + b * b, 0);
  const found = [];
  for (let k = 0; k < y.length; k++) {
    found.push(moments(y[k], model.outputs[k].rmse, p, size));
    await breath();
  }
  const sums = [];
  for (const sum of model.sums) {
    if (sum.inputs.length || sum.outputs.length > 1) {
      const { values, error } = column(sum, y, drawn.x);
      sums.push(moments(values, error, p, size));
      await breath();
    } else sums.push(affine(sum, found));
  }
  const met = compliance(asked.limits, p, size, y);
  await breath();
  return {
    prior, size, shown: at, ...met,
    outputs: found, sums,
    histogram: histogram(y[at], p, model.outputs[at].span),
    shares: shares(y[at], p, found[at], drawn.x, size),
  };
}

function moments(values, error, p, size) {
  let mean = 0, square = 0;
  for (let i = 0; i < values.length; i++) mean += p[i] * values[i];
  for (let i = 0; i < values.length; i++) square += p[i] * (values[i] - mean) * (values[i] - mean);
  const half = HALF_WIDTH * Math.sqrt(square / size + (model.common * error) ** 2);
  const quantiles = quantilesOf(values, p, model.levels);
  return { mean, low: mean - half, high: mean + half, std: Math.sqrt(square), quantiles };
}

/* The moments of constant + weight times one output (or none); the levels lie evenly about one half. */
function affine({ constant, outputs: [first] }, found) {
  const [k, weight] = first ?? [0, 0], { mean, low, high, std, quantiles } = found[k];
  const at = (value) => constant + weight * value, ends = [at(low), at(high)], all = quantiles.map(at);
  return {
    mean: at(mean), low: Math.min(...ends), high: Math.max(...ends), std: Math.abs(weight) * std,
    quantiles: weight < 0 ? all.reverse() : all,
  };
}

function column(sum, y, x) {
  const { rows } = model, values = new Float64Array(rows).fill(sum.constant);
  let error = 0;
  for (const [k, weight] of sum.outputs) {
    error += Math.abs(weight) * model.outputs[k].rmse;
    for (let i = 0; i < rows; i++) values[i] += weight * y[k][i];
  }
  for (const [j, weight] of sum.inputs) for (let i = 0; i < rows; i++) values[i] += weight * x[j][i];
  return { values, error };
}

/* The smallest values that weights of at least each of the rising levels do not exceed (Hoare's selection). */
function quantilesOf(values, p, levels) {
  const { v, w } = base.scratch ??= { v: values.slice(), w: p.slice() };
  v.set(values);
  w.set(p);
  let low = 0, before = 0;
  return levels.map((level) => {
    let high = v.length - 1;
    while (low < high) {
      const pivot = v[(low + high) >> 1];
      let i = low, j = high, left = 0;
      while (i <= j) {
        while (v[i] < pivot) i++;
        while (v[j] > pivot) j--;
        if (i > j) break;
        const value = v[i], weight = w[i];
        v[i] = v[j];
        w[i++] = w[j];
        v[j] = value;
        w[j--] = weight;
      }
      for (let k = low; k <= j; k++) left += w[k];
      if (before + left >= level) high = j;
      else if (i - j > 1 && before + left + w[j + 1] >= level) {
        low = j + 1;
        before += left;
        break;
      } else {
        for (let k = j + 1; k < i; k++) left += w[k];
        before += left;
        low = i;
      }
    }
    return v[Math.min(low, v.length - 1)];
  });
}

/* The chance of each row to meet each limit, N(mean, rmse), and all that count; shifted by the common share of the error
   for the interval (uq.requirements.probability, with the error of an output the same in all rows). */
function compliance(limits, p, size, y) {
  const { rows } = model;
  const each = limits.map(({ output, low, high }) => {
    const values = y[output], error = model.outputs[output].rmse, found = new Float64Array(rows).fill(1);
    if (high !== null) for (let i = 0; i < rows; i++) found[i] = reached((high - values[i]) / error);
    if (low !== null) for (let i = 0; i < rows; i++) found[i] -= reached((low - values[i]) / error);
    return found;
  });
  const met = (of) => {
    let seen = 0, variance = 0;
    const all = product(of.map((k) => each[k]), p);
    for (let i = 0; i < rows; i++) seen += all[i];
    for (const k of of) {
      const { output, low, high } = limits[k], values = y[output], error = model.outputs[output].rmse;
      const from = low ?? -Infinity, to = high ?? Infinity, others = product(of.filter((l) => l !== k).map((l) => each[l]), p);
      let difference = 0;
      for (let i = 0; i < rows; i++) {
        const up = values[i] + error, down = values[i] - error;
        const turned = (up >= from && up <= to ? 1 : 0) - (down >= from && down <= to ? 1 : 0);
        difference += others[i] * turned;
      }
      variance += (0.5 * model.common * difference) ** 2;
    }
    return wilson(seen, 1 / (1 / size + variance / Math.max(seen * (1 - seen), 1e-12)));
  };
  const counted = limits.flatMap((limit, k) => (limit.counts ? [k] : []));
  return { limits: limits.map((_, k) => met([k])), joint: counted.length ? met(counted) : null };
}

function product(columns, p) {
  const found = p.slice();
  for (const values of columns) for (let i = 0; i < found.length; i++) found[i] *= values[i];
  return found;
}

/* Phi, a step where the error is zero. */
const reached = (z) => (z > 8 ? 1 : z > -8 ? normal(z) : z >= 0 ? 1 : 0);

function wilson(value, n) {
  const z = HALF_WIDTH, shrink = 1 + z * z / n, centre = (value + 0.5 * z * z / n) / shrink;
  const half = z / shrink * Math.sqrt(value * (1 - value) / n + 0.25 * z * z / (n * n));
  return { value, low: Math.max(centre - half, 0), high: Math.min(centre + half, 1) };
}

function histogram(values, p, [low, high]) {
  const cells = new Float64Array(CELLS);
  for (let i = 0; i < values.length; i++) {
    const k = Math.floor((values[i] - low) / (high - low) * CELLS);
    cells[Math.min(Math.max(k, 0), CELLS - 1)] += p[i];
  }
  return { low, high, cells };
}

/* Var E[y | x_j] / Var y of every input, from equal cells of x_j, corrected for their number; `size` is how many draws
   of equal weight tell as much; the interval of
   Olkin & Finn (1995), doi:10.1037/0033-2909.118.1.155, for such a ratio. */
function shares(values, p, { mean, std }, x, size) {
  const { rows } = model, from = values.map((value, i) => p[i] * (value - mean));
  return x.map((own) => {
    const place = cells(own), weight = new Float64Array(BINS), sum = new Float64Array(BINS);
    if (!place || !(std > 0)) return { value: 0, low: 0, high: 0 };
    for (let i = 0; i < rows; i++) {
      weight[place[i]] += p[i];
      sum[place[i]] += from[i];
    }
    let explained = 0, used = 0;
    for (let k = 0; k < BINS; k++) if (weight[k] > 0) {
      explained += sum[k] * sum[k] / weight[k];
      used++;
    }
    const raw = Math.min(explained / (std * std), 1);
    const value = Math.max(1 - (1 - raw) * (size - 1) / Math.max(size - used, 1), 0);
    const half = HALF_WIDTH * 2 * Math.sqrt(value) * (1 - value) / Math.sqrt(size);
    return { value, low: Math.max(value - half, 0), high: Math.min(value + half, 1) };
  });
}

/* The cell of every draw of an input, kept for as long as the draws are; null where they are all the same. */
const known = new WeakMap();
function cells(own) {
  if (known.has(own)) return known.get(own);
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < own.length; i++) {
    if (own[i] < low) low = own[i];
    if (own[i] > high) high = own[i];
  }
  const found = high > low ? new Uint8Array(own.length) : null;
  for (let i = 0; found && i < own.length; i++) found[i] = Math.min((own[i] - low) / (high - low) * BINS, BINS - 1);
  known.set(own, found);
  return found;
}

onmessage = ({ data }) => {
  if (data.kind === "begin") {
    begin(data.model, data.bytes).then(() => postMessage({ kind: "ready" }), (reason) => setTimeout(() => { throw reason; }));
  } else if (data.kind === "point") postMessage({ kind: "point", id: data.id, ...point(data.x), set: data.set && setAnswers(data.set) });
  else {
    wanted = data;
    if (!busy) work();
  }
};
