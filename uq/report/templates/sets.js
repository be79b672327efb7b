
// -- sets of requirements on fixed designs ------------------------------------------------------------------------------------

/* Means and 90 % intervals of what fixed designs do under a set: Gaussian processes over two germs of each input that can be
   required and one limit (studies.analysis.accounts.set_surrogate, uq.surrogates.browser_process).  `required`: [input, value] pairs;
   `share`: the limit over its reference.  Null where the set lies beyond those that were simulated, with whose values. */
function setAnswers({ required, share }) {
  const { sets } = model, features = [], beyond = [];
  const valueOf = new Map(required);
  for (const j of sets.inputs) {
    if (!valueOf.has(j)) {
      features.push(0, 0);
      continue;
    }
    const g = germOf(model.inputs[j], valueOf.get(j), true);
    if (g < sets.germs[0] || g > sets.germs[1]) beyond.push(j);
    features.push(g, Math.exp(-0.5 * g * g) / Math.sqrt(2 * Math.PI) / normal(-g));
  }
  features.push(Math.min(share, sets.shares[1]));
  const short = share < sets.shares[0];
  return { beyond, short, outputs: beyond.length || short ? null : sets.outputs.map((one) => (one.numbers ? processed(one, features) : null)) };
}

function processed({ numbers, probability }, features) {
  const { shift, scale, rows, weights, root, projection } = numbers, n = weights.length, d = features.length;
  const z = features.map((value, j) => (value - shift[j]) / scale[j]), k = new Float64Array(n);
  let mean = numbers.constant;
  for (let i = 0; i < n; i++) {
    let squares = 0;
    for (let j = 0; j < d; j++) squares += (z[j] - rows[i * d + j]) ** 2;
    k[i] = (1 + 0.25 * squares) ** -2;
    mean += weights[i] * k[i];
  }
  let kept = 0, rest = 1;
  for (let i = 0, at = 0; i < n; i++) {
    let v = 0;
    for (let l = 0; l <= i; l++, at++) v += root[at] * k[l];
    kept += v * v;
    rest -= projection[i] * v;
  }
  const variance = Math.max(1 + numbers.nugget - kept + (rest / numbers.trend) ** 2, numbers.nugget);
  const half = HALF_WIDTH * Math.max(numbers.deviation * Math.sqrt(variance), numbers.least);
  const [value, low, high] = [mean, mean - half, mean + half].map((y) => (probability ? normal(y) : y));
  return { value, low, high };
}
