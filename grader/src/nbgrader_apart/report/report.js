"use strict";
const RANK = ["none", "undone", "zero", "part", "full"];

// What a cell is sorted by: a kind of result, a number, or a text.
function key(cell) {
  const rank = RANK.findIndex((kind) => cell.classList.contains(kind));
  if (cell.classList.contains("c") && rank >= 0) return rank;
  const text = cell.textContent.trim();
  const number = parseFloat(text.replace(",", "."));
  if (cell.tagName === "TD" && !Number.isNaN(number)) return number;
  return text === "–" ? -1 : text;
}

function compare(a, b) {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), document.documentElement.lang);
}

function sort(table, heading) {
  const body = table.tBodies[0];
  const place = heading.cellIndex;
  const down = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = Array.from(body.rows, (row) => [key(row.cells[place]), row]);
  rows.sort((a, b) => (down ? compare(b[0], a[0]) : compare(a[0], b[0])));
  body.append(...rows.map(([, row]) => row));
  table.parentElement.scrollTop = 0;
}

for (const table of document.querySelectorAll("table.sortable")) {
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && table.tBodies[0].rows.length) sort(table, button.closest("th"));
  });
}

const heat = document.getElementById("heat");
const [name, kind, columns, shown] = ["name", "kind", "columns", "shown"].map((id) => document.getElementById(id));
const people = Array.from(heat.tBodies[0].rows, (row) => ({
  row,
  text: row.cells[0].textContent.toLocaleLowerCase(),
  is: row.dataset.is.split(" "),
}));

function filter() {
  const words = name.value.toLocaleLowerCase().split(/\s+/);
  let count = 0;
  for (const { row, text, is } of people) {
    row.hidden = !(words.every((word) => text.includes(word)) && (!kind.value || is.includes(kind.value)));
    count += !row.hidden;
  }
  shown.value = shown.dataset.text.replace("{shown}", count).replace("{all}", people.length);
}

function chooseColumns() {
  heat.classList.toggle("notebooks", columns.value === "notebooks");
}

name.addEventListener("input", filter);
kind.addEventListener("change", filter);
columns.addEventListener("change", chooseColumns);
name.form.addEventListener("submit", (event) => event.preventDefault());
// A browser keeps what was typed when the page is loaded again.
if (matchMedia("(max-width: 40rem)").matches) columns.value = "notebooks";
chooseColumns();
filter();

const figures = JSON.parse(document.getElementById("figures").textContent);

function draw() {
  const colour = (variable) => getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
  const axis = { gridcolor: colour("--line"), linecolor: colour("--line"), tickcolor: colour("--line") };
  for (const holder of document.querySelectorAll("[data-figure]")) {
    const { data, layout } = structuredClone(figures[holder.dataset.figure]);
    for (const trace of data) {
      const hatched = trace.meta === "provisional";
      trace.marker = { ...trace.marker, color: hatched ? colour("--paper") : colour("--bar") };
      if (trace.type === "bar") {
        trace.marker.line = { color: colour("--bar"), width: 1 };
        trace.marker.pattern = { ...trace.marker.pattern, fgcolor: colour("--bar") };
      } else {
        trace.line = { color: colour("--bar"), width: 1.5 };
      }
    }
    layout.font.color = colour("--muted");
    for (const name of ["xaxis", "yaxis"]) layout[name] = { ...layout[name], ...axis };
    Plotly.react(holder, data, layout, { displayModeBar: false, responsive: true });
  }
}
draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
