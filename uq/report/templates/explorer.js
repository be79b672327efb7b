/* The worker is asked, its answers are shown; links and files; the page begins. */

const source = JSON.parse(byId("arithmetic").textContent);
const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
const worker = new Worker(address);
const asked = { point: 0, sample: 0, at: new Map() }, times = { point: null, sample: null };
let speaking = 0;

function changed() {
  const now = performance.now();
  page.controls.forEach(show);
  worth();
  surface();
  answers.point = answers.point && { ...answers.point, set: null };
  headline();
  const x = inputs();
  const set = setAsked();
  worker.postMessage({ kind: "point", id: ++asked.point, x, set: set && set.required ? set : null });
  asked.at.set(asked.point, now);
  worker.postMessage({ kind: "sample", id: ++asked.sample, conditions: conditions(), limits: limits(), shown: state.output });
  asked.at.set(-asked.sample, now);
  asked.x = x;
  document.documentElement.dataset.state = "busy";
  remember();
}

worker.onmessage = ({ data }) => {
  if (data.kind === "ready") {
    changed();
    return;
  }
  const sign = data.kind === "point" ? data.id : -data.id, began = asked.at.get(sign);
  asked.at.delete(sign);
  if (data.kind === "point") {
    if (data.id < asked.point) return;
    answers.point = data;
    headline();
    domain();
    fixedTable();
    budget();
    outputs();
    histogram();
    times.point = performance.now() - began;
  } else {
    answers.sample = data;
    if (data.id === asked.sample) for (const key of asked.at.keys()) if (key < 0) asked.at.delete(key);
    headline();
    compliance();
    budget();
    outputs();
    histogram();
    bars();
    times.sample = performance.now() - began;
    if (data.id === asked.sample) complete();
  }
};
worker.onerror = (event) => {
  document.documentElement.dataset.state = "failed";
  byId("domain").hidden = false;
  byId("domain").textContent = `The arithmetic of this page failed: ${event.message || "its worker did not start"}.`;
};

function complete() {
  document.documentElement.dataset.state = "complete";
  byId("speed").textContent = `Last move: point in ${number(times.point, 0)} ms, Monte Carlo in ${number(times.sample, 0)} ms.`;
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    byId("aloud").textContent = [...byId("headline").children].map((one) => [...one.children].map((part) => part.textContent).join(" ")).join("; ");
  }, 700);
}

// -- links and files -------------------------------------------------------------------------------------------------------

function record() {
  const { point, sample } = answers, there = page.surface && upon(page.surface);
  const named = (k, one) => [page.outputs[k].name, one];
  return {
    title: page.title, state: hash(), draws: model.rows, seed,
    inputs: Object.fromEntries(page.inputs.map((input, j) => [input.name, { value: asked.x[j], unit: input.unit }])),
    chosen: Object.fromEntries(page.controls.filter((one) => one.input === null).map((one) => [one.name, own(one)])),
    conditions: conditions().map((condition) => ({ input: page.inputs[condition.input].name, side: condition.side, value: condition.value })),
    outside: { ...point.outside, beyond: point.outside.beyond.map((j) => page.inputs[j].name) },
    point: Object.fromEntries(page.outputs.map((_, k) => named(k, known(k)))),
    sample: sample.contradiction ? null : {
      prior: sample.prior, size: sample.size, joint: sample.joint,
      limits: page.limits.map((limit, k) => ({ ...limits()[k], output: page.outputs[limit.output].name, label: limit.label, met: sample.limits[k] })),
      outputs: Object.fromEntries(page.outputs.map((_, k) => named(k, drawnOf(k)))),
      shares: { output: page.outputs[state.output].name, of: Object.fromEntries(page.inputs.map((input, j) => [input.name, sample.shares[j]])) },
    },
    preset: presetNow()?.label ?? null,
    fixed: page.sets && Object.fromEntries(page.sets.outputs.map((one) => [one.name, fixedDesign().of(one) || null])),
    fixedWords: page.sets && fixedDesign().words,
    surface: there && { value: there.value, low: there.low ?? null, high: there.high ?? null },
    times, provenance: page.provenance,
  };
}

function table() {
  const rows = [["output", "unit", "point", "point low", "point high", "mean", "mean low", "mean high", ...model.levels.map((level) => `quantile ${level}`), "Q2"]];
  page.outputs.forEach((output, k) => {
    const one = drawnOf(k), at = known(k), scaled = (value) => value / output.size;
    rows.push([output.label, output.unit, ...(at ? band(at.mean, at.std).map(scaled) : ["", "", ""]),
      ...(one ? [one.mean, one.low, one.high, ...one.quantiles].map(scaled) : model.levels.map(() => "").concat(["", "", ""])), output.q2]);
  });
  rows.push([], ["input", "unit", "value", "meaning"]);
  for (const control of page.controls) rows.push([control.label, control.unit, state.values.get(control.name), state.sides.get(control.name)]);
  /* A label that a spreadsheet would take for a formula gets an apostrophe. */
  const field = (value) => (typeof value === "number" ? String(value) : `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`);
  return rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

function download(name, kind, content) {
  if (!answers.point || !answers.sample) return;
  const url = URL.createObjectURL(new Blob([content], { type: kind }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

byId("reset").addEventListener("click", () => {
  start();
  say("");
  changed();
});
byId("link").addEventListener("click", async () => {
  const link = `${location.href.split("#")[0]}#${hash()}`;
  try {
    await navigator.clipboard.writeText(link);
    say("The link to this state is copied.");
  } catch {
    say(`The link to this state: ${link}`);
  }
});
byId("json").addEventListener("click", () => download("explorer.json", "application/json", JSON.stringify(record(), null, 2)));
byId("csv").addEventListener("click", () => download("explorer.csv", "text/csv", table()));
addEventListener("resize", () => {
  widths.clear();
  surface();
  histogram();
  bars();
});
addEventListener("hashchange", () => {
  if (location.hash.slice(1) === hash()) return;
  fromHash();
  changed();
});

build();
frames();
fromHash();
page.controls.forEach(show);
const letters = atob(byId("bytes").textContent), packed = new ArrayBuffer(letters.length), codes = new Uint8Array(packed);
for (let i = 0; i < letters.length; i++) codes[i] = letters.charCodeAt(i);
worker.postMessage({ kind: "begin", model, bytes: packed }, [packed]);
