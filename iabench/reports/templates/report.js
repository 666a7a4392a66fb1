"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  root.classList.add("js");

  // Theme: the reader's choice, kept where the browser lets a page keep something.
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

  // Copying.
  const said = (button, text) => {
    const before = button.textContent;
    button.textContent = text;
    setTimeout(() => { button.textContent = before; }, 1200);
  };
  const copy = (button, text) =>
    navigator.clipboard.writeText(text).then(() => said(button, "copied"), () => said(button, "not allowed"));
  byId("link").addEventListener("click", (event) => copy(event.currentTarget, location.href));
  for (const button of document.querySelectorAll("button.copy")) {
    button.addEventListener("click", () => copy(button, button.previousElementSibling.textContent));
  }

  // Filters: the state is the address's fragment, so a view can be shared.
  const fields = { q: byId("q"), t: byId("t"), o: byId("o"), k: byId("k"), r: byId("r"), d: byId("d") };
  const sections = [...document.querySelectorAll("#answers section")];
  const rows = [...document.querySelectorAll("#answers .row")];
  const texts = new Map();
  const text = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  const write = () => {
    const state = new URLSearchParams();
    for (const [key, field] of Object.entries(fields)) if (field.value) state.set(key, field.value);
    const query = state.toString();
    history.replaceState(null, "", query ? `#answers?${query}` : "#answers");
  };
  const apply = () => {
    const want = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.value]));
    const query = want.q.trim().toLowerCase();
    let shown = 0;
    for (const section of sections) {
      let here = 0;
      const task = !want.t || section.dataset.t === want.t;
      for (const row of section.querySelectorAll(".row")) {
        const fits = task
          && (!want.o || row.classList.contains(want.o))
          && (!want.r || row.dataset.r === want.r)
          && (!want.d || row.dataset.d === want.d)
          && (!want.k || (row.dataset.k || "").split(" ").includes(want.k))
          && (!query || text(row).includes(query));
        row.hidden = !fits;
        if (fits) here += 1;
      }
      section.hidden = !here;
      shown += here;
    }
    const all = rows.length.toLocaleString("en");
    byId("shown").textContent = shown === rows.length ? `${all} answers` : `${shown.toLocaleString("en")} of ${all} answers`;
    byId("nothing").hidden = shown > 0;
    byId("clear").hidden = shown === rows.length;
    root.classList.toggle("filtered", shown < rows.length);
  };
  const set = (state) => {
    for (const [key, field] of Object.entries(fields)) field.value = state.get(key) || "";
    apply();
  };
  let waiting = 0;
  for (const field of Object.values(fields)) {
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { apply(); write(); }, field.type === "search" ? 120 : 0);
    });
  }
  byId("clear").addEventListener("click", () => { set(new URLSearchParams()); write(); });
  const fromAddress = () => {
    const found = location.hash.match(/^#answers\?(.*)$/);
    if (!found) return false;
    set(new URLSearchParams(found[1]));
    byId("answers").scrollIntoView();
    return true;
  };
  for (const opener of document.querySelectorAll("[data-f]")) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      history.pushState(null, "", `#answers?${opener.dataset.f}`);
      fromAddress();
    });
  }
  addEventListener("hashchange", fromAddress);
  if (!fromAddress()) apply();
})();
