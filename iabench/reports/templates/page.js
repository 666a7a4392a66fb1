"use strict";
const root = document.documentElement;
const byId = (id) => document.getElementById(id);
// Text is set as text: nothing that a model said is ever read as HTML.
const element = (name, className = "", text = "") => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
};
const count = (n) => n.toLocaleString("en");
// What a page holds compressed: gzip in base64.
const unpacked = (source) => {
  const bytes = Uint8Array.from(atob(source.textContent), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
};
root.classList.add("js");

// Theme: the reader's choice, kept where the browser lets a page keep something.
(() => {
  const asked = new URLSearchParams(location.search).get("theme");
  const keep = (value) => { try { localStorage.setItem("iabench-theme", value); } catch { /* private */ } };
  const kept = () => { try { return localStorage.getItem("iabench-theme"); } catch { return null; } };
  const theme = asked || kept();
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  byId("theme").addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    keep(root.dataset.theme);
  });
})();

// Copying.
(() => {
  const said = (button, text) => {
    const before = button.textContent;
    button.textContent = text;
    setTimeout(() => { button.textContent = before; }, 1200);
  };
  const copy = (button, text) => {
    const done = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject();
    return done.then(() => said(button, "copied"), () => said(button, "not allowed"));
  };
  byId("link").addEventListener("click", (event) => copy(event.currentTarget, location.href));
  for (const button of document.querySelectorAll("button.copy")) {
    const source = button.dataset.copies ? byId(button.dataset.copies) : button.previousElementSibling;
    button.addEventListener("click", () => copy(button, source.textContent.trim()));
  }
})();

// What scrolls can be reached by keys, as long as it does.
(() => {
  const reach = ({ target: one }) => {
    const scrolls = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
    const heading = one.closest("section, details")?.querySelector("h2, h3, summary");
    for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", heading?.textContent || "table"]]) {
      if (scrolls) one.setAttribute(name, value);
      else one.removeAttribute(name);
    }
  };
  const watcher = new ResizeObserver((seen) => seen.forEach(reach));
  document.querySelectorAll(".scroll").forEach((one) => watcher.observe(one));
})();

// Tables that sort: by the number that a cell begins with, else by its words.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const asked = [...body.rows];
  const value = (row, column) => {
    const text = row.cells[column].textContent.trim().replace("−", "-").replaceAll(",", "");
    const number = Number.parseFloat(text);
    return Number.isNaN(number) ? text : number;
  };
  const ways = { none: "descending", descending: "ascending", ascending: "none" };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (!head.textContent.trim()) return;
    const button = element("button", "sort", head.textContent);
    button.type = "button";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const way = ways[head.ariaSort || "none"];
      for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
      head.ariaSort = way === "none" ? null : way;
      const sign = way === "descending" ? -1 : 1;
      const order = (a, b) => {
        const [x, y] = [value(a, column), value(b, column)];
        // What has no number stands at the end, whichever way.
        if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
        return sign * (typeof x === "number" ? x - y : x.localeCompare(y));
      };
      body.append(...(way === "none" ? asked : [...asked].sort(order)));
    });
  });
}
