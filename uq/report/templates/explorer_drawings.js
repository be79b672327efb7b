/* Histogram, bars and the surface, as SVG. */
/* Letters keep their size: drawings are as wide as there is room, and as `most`. */
const widths = new Map();
function room(box, most) {
  if (!widths.has(box.id)) widths.set(box.id, Math.round(Math.min(Math.max(box.clientWidth || most, 280), most)));
  return widths.get(box.id);
}
const line = (x1, y1, x2, y2, kind) => drawn("line", { x1, y1, x2, y2, class: kind });
const text = (x, y, anchor, words, kind = "") => drawn("text", { x, y, "text-anchor": anchor, class: kind }, words);

function ticks(low, high, count) {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].find((s) => s * power >= raw) * power;
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * step; v += step) found.push(v);
  return found.map((v) => [v, number(v, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))]);
}

function histogram() {
  const { point, sample } = answers, output = page.outputs[state.output];
  if (!sample || sample.contradiction || sample.shown !== state.output || !point) return;
  if (!drawnOf(state.output)) {
    byId("histogram").replaceChildren(element("p", {}, `${output.label} of the best designs: not studied under this ${binding()[0]?.control.label ?? "set"}.`));
    return;
  }
  const { low, high, cells } = sample.histogram, width = room(byId("histogram"), 460), height = 240, base = 200, top = Math.max(...cells);
  const at = (value) => 10 + (value - low) / (high - low) * (width - 20), step = (width - 20) / cells.length;
  const parts = [line(10, base, width - 10, base, "axis")];
  cells.forEach((share, k) => {
    const tall = share / top * (base - 26);
    parts.push(drawn("rect", { class: "bar", x: 10 + k * step + 0.5, width: step - 1, y: base - tall, height: tall }));
  });
  for (const [value, words] of ticks(low / output.size, high / output.size, width / 75)) {
    const x = at(value * output.size);
    parts.push(line(x, base, x, base + 5, "axis"), text(x, base + 19, "middle", words, "soft"));
  }
  limits().forEach((limit) => {
    if (limit.output !== state.output) return;
    for (const bound of [limit.low, limit.high]) if (bound !== null && bound > low && bound < high) parts.push(line(at(bound), 24, at(bound), base, "whisker"));
  });
  const here = point.mean[state.output], x = Math.min(Math.max(at(here), 10), width - 10);
  parts.push(line(x, 20, x, base, "here"), text(x, 14, x > width - 60 ? "end" : x < 60 ? "start" : "middle", "this point"));
  parts.push(text(width / 2, height - 2, "middle", united(output.label, output.unit ? `, ${output.unit}` : "").replace(" ,", ",")));
  const one = sample.outputs[state.output], words = `Histogram of ${output.label} over the draws: median ${united(estimate(one.quantiles[1], one.low, one.high, output.size)[0], output.unit)}, this point at ${number(here / output.size)}.`;
  byId("histogram").replaceChildren(drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words }, ...parts),
    element("figcaption", {}, "Share of the draws; black: limits; orange: this point."));
}

/* Words in lines of so many letters; a longer word is broken. */
function wrapped(words, letters) {
  const lines = [""];
  for (const word of words.split(/\s+/).flatMap((one) => one.match(new RegExp(`.{1,${letters}}`, "gu")) ?? [])) {
    const last = lines[lines.length - 1];
    if (last && last.length + 1 + word.length > letters) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}

function bars() {
  const { sample } = answers, output = page.outputs[state.output];
  if (!sample || sample.contradiction || sample.shown !== state.output) return;
  if (!drawnOf(state.output)) {
    byId("bars").replaceChildren();
    return;
  }
  const other = (j) => output.shares[j];
  const ranked = sample.shares.map((one, j) => ({ ...one, j })).sort((a, b) => Math.max(b.value, other(b.j)?.[0] ?? 0) - Math.max(a.value, other(a.j)?.[0] ?? 0)).slice(0, 9);
  const width = room(byId("bars"), 560), left = Math.min(264, Math.round(0.48 * width)), letters = Math.floor((left - 8) / 7);
  const lines = ranked.map((one) => wrapped(page.inputs[one.j].label, letters)), tall = lines.map((some) => Math.max(24, 14 * some.length + 8));
  const height = tall.reduce((a, b) => a + b, 0) + 34;
  const most = Math.max(0.05, ...ranked.map((one) => Math.max(one.high, other(one.j)?.[2] ?? 0))), at = (share) => left + share / most * (width - left - 14);
  const parts = [];
  for (const [value, words] of ticks(0, most, 4)) parts.push(line(at(value), 0, at(value), height - 30, "grid"), text(at(value), height - 14, "middle", words, "soft"));
  let top = 0;
  ranked.forEach((one, k) => {
    const y = top + tall[k] / 2;
    top += tall[k];
    lines[k].forEach((words, l) => parts.push(text(left - 8, y + 4 + 14 * (l - (lines[k].length - 1) / 2), "end", words)));
    parts.push(drawn("rect", { class: "bar", x: left, y: y - 8, width: Math.max(at(one.value) - left, 0), height: 16 }),
      line(at(one.low), y, at(one.high), y, "whisker"));
    const known = other(one.j);
    if (known) parts.push(line(at(known[0]), y - 10, at(known[0]), y + 10, "other"));
  });
  const words = `Bars, longest first: ${ranked.slice(0, 5).map((one) => `${page.inputs[one.j].label} ${number(100 * one.value, 0)} %`).join(", ")}.`;
  byId("bars").replaceChildren(drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words }, ...parts),
    element("figcaption", {}, "Share of the variance of the draws that goes when the input is learned, with 90 % interval",
      output.sharesLabel && Object.keys(output.shares).length ? `; orange: ${output.sharesLabel}.` : "."));
}

/* Where the point lies on the surface: bilinear between its nodes. */
function upon(surface) {
  const controls = [surface.first, surface.second].map((name) => page.controls.find((one) => one.name === name));
  const [x, y] = controls.map(own);
  const locate = (at, value) => {
    const last = at.length - 1, slack = 1e-9 * Math.abs(at[last]);
    if (value < at[0] - slack || value > at[last] + slack) return null;
    let k = 0;
    while (k < last - 1 && at[k + 1] <= value) k++;
    return [k, (value - at[k]) / (at[k + 1] - at[k])];
  };
  const [a, b] = [locate(surface.atFirst, x), locate(surface.atSecond, y)];
  if (!a || !b) return { value: null, x, y, why: "not studied so far out" };
  const mix = (grid) => {
    let sum = 0;
    for (const [i, p] of [[a[0], 1 - a[1]], [a[0] + 1, a[1]]]) for (const [j, q] of [[b[0], 1 - b[1]], [b[0] + 1, b[1]]]) {
      if (p * q === 0) continue;
      if (grid[i][j] === null) return null;
      sum += p * q * grid[i][j];
    }
    return sum;
  };
  return { value: mix(surface.value), low: mix(surface.low), high: mix(surface.high), x, y, why: "too few runs here" };
}

/* The surface is drawn once for each width; the point upon it moves. */
const placedAt = {};

function surface() {
  const { surface } = page;
  if (!surface) return;
  byId("surface").hidden = false;
  const width = room(byId("surface"), 640);
  if (placedAt.width !== width) drawSurface(surface, width);
  const { controls, atX, atY, left, right, top, base, across, up, dot, image, words: sentence } = placedAt;
  const there = upon(surface), [px, py] = [shownOf(controls[0], there.x), shownOf(controls[1], there.y)];
  const [cx, cy] = [Math.min(Math.max(atX(px), left), right), Math.min(Math.max(atY(py), top), base)];
  for (const [line, x1, y1, x2, y2] of [[up, cx, top, cx, base], [across, left, cy, right, cy]]) {
    for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(name, value);
  }
  dot.setAttribute("cx", cx);
  dot.setAttribute("cy", cy);
  const others = page.controls.filter((one) => !controls.includes(one) && !["open", "chosen"].includes(state.sides.get(one.name)));
  if (others.length) Object.assign(there, { value: null, why: `not studied with ${others.map((one) => one.label).join(", ")} set too` });
  const [value, range] = there.value === null ? ["-", ""] : chance(there);
  const words = `At ${united(number(px), controls[0].unit)}, required, and ${united(number(py), controls[1].unit)}: ${there.value === null ? there.why : `${value} ${range}`}.`;
  sentence.textContent = words;
  image.setAttribute("aria-label", `${surface.title}. ${words}`);
}

function drawSurface(surface, width) {
  const controls = [surface.first, surface.second].map((name) => page.controls.find((one) => one.name === name));
  const shown = [surface.atFirst.map((v) => shownOf(controls[0], v)), surface.atSecond.map((v) => shownOf(controls[1], v))];
  const height = 330, left = 52, base = 284, right = width - 10, top = 10;
  const ends = shown.map((values) => [values[0], values[values.length - 1]]);
  const atX = (v) => left + (v - ends[0][0]) / (ends[0][1] - ends[0][0]) * (right - left);
  const atY = (v) => base - (v - ends[1][0]) / (ends[1][1] - ends[1][0]) * (base - top);
  const parts = [], FINE = 6;
  for (let i = 0; i + 1 < shown[0].length; i++) for (let j = 0; j + 1 < shown[1].length; j++) {
    const corner = [[i, j], [i + 1, j], [i, j + 1], [i + 1, j + 1]].map(([a, b]) => surface.value[a][b]);
    if (corner.includes(null)) continue;
    const [dx, dy] = [shown[0][i + 1] - shown[0][i], shown[1][j + 1] - shown[1][j]];
    for (let a = 0; a < FINE; a++) for (let b = 0; b < FINE; b++) {
      const s = (a + 0.5) / FINE, t = (b + 0.5) / FINE;
      const p = (1 - s) * (1 - t) * corner[0] + s * (1 - t) * corner[1] + (1 - s) * t * corner[2] + s * t * corner[3];
      const x = Math.round(atX(shown[0][i] + a / FINE * dx)), y = Math.round(atY(shown[1][j] + (b + 1) / FINE * dy));
      parts.push(drawn("rect", {
        class: "cell", x, y, "fill-opacity": (0.03 + 0.72 * p).toFixed(3),
        width: Math.round(atX(shown[0][i] + (a + 1) / FINE * dx)) - x, height: Math.round(atY(shown[1][j] + b / FINE * dy)) - y,
      }));
    }
  }
  surface.reachable.forEach((column, i) => column.forEach((can, j) => {
    if (can) return;
    const [x, y] = [atX(shown[0][i]), atY(shown[1][j])];
    parts.push(drawn("path", { class: "beyond", d: `M${x - 6} ${y + 6}L${x + 6} ${y - 6}M${x - 6} ${y - 6}L${x + 6} ${y + 6}` }));
  }));
  for (const { label, at } of surface.lines) {
    const points = at.flatMap((value, i) => (value === null ? [] : [[atX(shown[0][i]), atY(shownOf(controls[1], value))]]));
    if (!points.length) continue;
    const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    const [x, y] = points[points.length - 1];
    if (points.length > 1) parts.push(drawn("path", { class: "curve", d }));
    else parts.push(drawn("circle", { class: "curve", cx: x, cy: y, r: 4 }));
    parts.push(text(Math.min(x, right) - 8, y - 7, "end", label, "label"));
  }
  parts.push(line(left, base, right, base, "axis"), line(left, base, left, top, "axis"));
  for (const [value, words] of ticks(...ends[0], width / 90)) parts.push(line(atX(value), base, atX(value), base + 5, "axis"), text(atX(value), base + 19, "middle", words, "soft"));
  for (const [value, words] of ticks(...ends[1], 6)) parts.push(line(left - 5, atY(value), left, atY(value), "axis"), text(left - 9, atY(value) + 4, "end", words, "soft"));
  parts.push(text((left + right) / 2, height - 6, "middle", `${controls[0].label}, required${controls[0].unit ? `, ${controls[0].unit}` : ""}`),
    drawn("text", { x: 0, y: 0, "text-anchor": "middle", transform: `translate(13 ${(base + top) / 2}) rotate(-90)` }, `${controls[1].label}${controls[1].unit ? `, ${controls[1].unit}` : ""}`));
  const across = line(0, 0, 0, 0, "here"), up = line(0, 0, 0, 0, "here"), dot = drawn("circle", { id: "here", class: "dot", r: 7 });
  const image = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" }, ...parts, across, up, dot), words = element("strong", {});
  Object.assign(placedAt, { width, controls, atX, atY, left, right, top, base, across, up, dot, image, words });
  byId("surface").replaceChildren(element("h2", {}, surface.title), element("p", { id: "there" }, words),
    element("figure", {}, image,
      element("figcaption", {}, "The stronger the colour, the more comply; lines: where a share of them just does; crosses: beyond what physics is expected to reach; orange: this point.")),
    ...surface.notes.map((note) => element("p", { class: "note" }, note)));
}

function worth() {
  const output = page.outputs[state.output];
  byId("worth").textContent = `What was learned explains ${share(output, 2)} of the variance (Q2) on runs that it never saw${poor(output) ? ": this output is only roughly approximated, spread and tails come out too narrow" : ""}.`;
  byId("worth").classList.toggle("poor", poor(output));
  byId("chooser").value = String(state.output);
}
