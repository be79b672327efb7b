for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.parentElement, row = head.parentElement, bodies = [...row.closest("table").tBodies];
    const k = [...row.children].indexOf(head), down = head.getAttribute("aria-sort") === "ascending";
    for (const other of row.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (line) => { const t = line.children[k].textContent.trim(), n = parseFloat(t); return Number.isNaN(n) ? t : n; };
    const order = (a, b) => { const x = value(a), y = value(b); return typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === "number" ? -1 : 1; };
    const places = bodies.flatMap((body) => [...body.rows].map(() => body));
    const lines = bodies.flatMap((body) => [...body.rows]).sort((a, b) => (down ? -1 : 1) * order(a, b));
    lines.forEach((line, i) => places[i].append(line));
  });
}
const reveal = () => {
  const target = document.getElementById(location.hash.slice(1)), chapter = target?.closest("details");
  if (chapter) { chapter.open = true; target.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
reveal();
addEventListener("beforeprint", () => { for (const one of document.querySelectorAll("details")) one.open = true; });
