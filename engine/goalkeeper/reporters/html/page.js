// Sorting and filtering of the tables of verdicts. Without it the page has all rows, the worst first.
"use strict";
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".sheet").forEach(prepare));

// The same for what is written in different ways: letters of either case, Arabic ones for Persian ones, any digits. What
// is not seen, such as the half-spaces of words and what isolates names, is no part of it.
function folded(text) {
  return text
    .toLowerCase()
    .replace(/[\u200c\u2066-\u2069]/g, "")
    .replace(/\u064a/g, "\u06cc")
    .replace(/\u0643/g, "\u06a9")
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt() & 15));
}

function prepare(sheet) {
  const body = sheet.querySelector("tbody");
  const tools = sheet.querySelector(".tools");
  const search = tools.querySelector("input");
  const outcome = tools.querySelector("select");
  const status = sheet.querySelector("[role=status]");
  const more = sheet.querySelector(".more");
  const rest = sheet.querySelector("noscript");
  const total = Number(sheet.dataset.total);
  const first = body.rows.length;
  const { format } = new Intl.NumberFormat(sheet.dataset.locale);
  const told = (text, numbers) => text.replace(/\{(\w+)\}/g, (_, name) => format(numbers[name]));
  let rows = null;
  let order = null;
  let shown = first;

  // With thousands of rows only the first are part of the page. The others wait as text until they are asked for.
  function load() {
    if (rows) return;
    const later = document.createElement("template");
    later.innerHTML = rest ? rest.textContent : "";
    const nodes = [...body.rows, ...later.content.querySelectorAll("tbody tr")];
    rows = nodes.map((row) => ({ row, text: folded(row.textContent) }));
    order = rows;
  }

  function show() {
    load();
    const wanted = folded(search.value.trim());
    const found = order.filter(
      ({ row, text }) => (!outcome.value || row.dataset.outcome === outcome.value) && text.includes(wanted),
    );
    body.replaceChildren(...found.slice(0, shown).map(({ row }) => row));
    say(found.length);
  }

  function say(found) {
    const seen = Math.min(found, shown);
    const { all, first: part, found: matching, firstFound } = sheet.dataset;
    const [whole, some] = found < total ? [matching, firstFound] : [all, part];
    status.textContent = told(seen < found ? some : whole, { seen, found, total });
    more.hidden = seen >= found;
    more.firstElementChild.textContent = told(sheet.dataset.more, { count: Math.min(first * 4, found - seen) });
  }

  function sort(head) {
    load();
    const numbers = head.dataset.sort === "number";
    const before = head.getAttribute("aria-sort");
    const next = before === "descending" || (!before && !numbers) ? "ascending" : "descending";
    sheet.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", next);
    const sign = next === "ascending" ? 1 : -1;
    const { compare } = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const keyed = rows.map((entry, at) => {
      const cell = entry.row.cells[head.cellIndex];
      return { entry, at, key: numbers ? Number(cell.dataset.by ?? NaN) : cell.textContent };
    });
    keyed.sort((a, b) => {
      if (!numbers) return sign * compare(a.key, b.key) || a.at - b.at;
      const missing = Number.isNaN(a.key) - Number.isNaN(b.key); // what has no number stands last, either way
      return missing || sign * (a.key - b.key || 0) || a.at - b.at;
    });
    order = keyed.map(({ entry }) => entry);
    show();
  }

  let waiting = 0;
  function again() {
    clearTimeout(waiting);
    shown = first;
    show();
  }

  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(again, 120);
  });
  outcome.addEventListener("change", again);
  tools.addEventListener("submit", (event) => event.preventDefault());
  more.firstElementChild.addEventListener("click", () => {
    shown += first * 4;
    show();
  });
  sheet.querySelectorAll("thead th[data-sort]").forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head));
  });
  tools.hidden = total < 5;
  if (!tools.hidden) say(total);
}
