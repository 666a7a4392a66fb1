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
  if (!byId("read")) return;

  // Rows lie in compressed blocks; a block is opened once, when somebody reads in it.
  const SIZE = 500;
  const places = JSON.parse(byId("places").textContent);
  const names = JSON.parse(byId("names").textContent);
  const packed = [...document.querySelectorAll("script.rows")];
  const opened = new Map();
  const open = (number) => {
    if (!opened.has(number)) {
      const bytes = Uint8Array.from(atob(packed[number].textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      opened.set(number, new Response(stream).json());
    }
    return opened.get(number);
  };
  const row = async (at) => (await open(Math.floor(at / SIZE)))[at % SIZE];
  const BAD = ["hallucinated", "overreached", "incorrect"];

  // What is read: a change, within it a task and a search, and which of these.
  const which = byId("which"), task = byId("task"), q = byId("q");
  let list = [], at = 0, turn = 0;
  const fits = async (change) => {
    const [start, n] = places[change];
    const query = q.value.trim().toLowerCase();
    const all = Array.from({ length: n }, (_, i) => start + i);
    if (!query && task.value === "") return all;
    const found = [];
    for (const one of all) {
      const r = await row(one);
      if (task.value !== "" && r[0] !== Number(task.value)) continue;
      if (query && !`${r[2]}\n${r[3]}\n${r[4]}\n${r[1]}`.toLowerCase().includes(query)) continue;
      found.push(one);
    }
    return found;
  };
  const text = (id, value, bad) => {
    byId(id).textContent = value;
    byId(id).classList.toggle("bad", Boolean(bad));
  };
  const show = async (write) => {
    const mine = ++turn;
    const r = list.length ? await row(list[at]) : null;
    if (mine !== turn) return;
    byId("at").textContent = r ? `${(at + 1).toLocaleString("en")} of ${list.length.toLocaleString("en")}` : "none fits";
    byId("previous").disabled = byId("next").disabled = list.length < 2;
    byId("change").textContent = names[which.value];
    for (const one of document.querySelectorAll("[data-c]")) {
      one.classList.toggle("on", one.dataset.c === which.value);
      if (one.tagName === "A") one.toggleAttribute("aria-current", one.dataset.c === which.value);
    }
    if (!r) return;
    byId("question").textContent = r[2];
    text("base", r[3] || "(nothing)", BAD.includes(r[7]));
    text("tuned", r[4] || "(nothing)", BAD.includes(r[8]));
    text("expected", r[5] || "“I don't know”");
    text("probe", r[6] ? `${r[1]} · ${r[6]}` : r[1]);
    if (write) history.replaceState(null, "", `#read?${new URLSearchParams({ c: which.value, p: r[1] })}`);
  };
  const choose = async (change, probe, write = true) => {
    which.value = change;
    const mine = ++turn;
    const found = await fits(change);
    if (mine !== turn) return;
    list = found;
    at = 0;
    if (probe) {
      for (let i = 0; i < list.length; i += 1) {
        if ((await row(list[i]))[1] === probe) { at = i; break; }
      }
    }
    await show(write);
  };
  const step = (by) => {
    if (!list.length) return;
    at = (at + by + list.length) % list.length;
    show(true);
  };
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  which.addEventListener("input", () => choose(which.value));
  task.addEventListener("input", () => choose(which.value));
  let waiting = 0;
  q.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => choose(which.value), 150);
  });
  for (const opener of document.querySelectorAll("[data-c]")) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      q.value = task.value = "";
      choose(opener.dataset.c);
      byId("read").scrollIntoView({ block: "nearest" });
    });
  }
  byId("read").addEventListener("keydown", (event) => {
    if (["INPUT", "SELECT"].includes(event.target.tagName)) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  const fromAddress = () => {
    const found = location.hash.match(/^#read\?(.*)$/);
    if (!found) return false;
    const state = new URLSearchParams(found[1]);
    if (!(state.get("c") in places)) return false;
    choose(state.get("c"), state.get("p"), false);
    byId("read").scrollIntoView({ block: "nearest" });
    return true;
  };
  addEventListener("hashchange", fromAddress);
  if (!fromAddress()) choose(byId("read").dataset.first, null, false);
})();
