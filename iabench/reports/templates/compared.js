// One question, two answers: the questions of a change, one after the other.
(() => {
  if (!byId("read") || !explorer) return;
  const which = byId("which"), task = byId("read-task"), q = byId("read-q");
  const names = JSON.parse(byId("names").textContent);
  const BAD = "hoi";
  let list = [], at = 0, turn = 0;
  const text = (id, value, bad = false) => {
    byId(id).textContent = value;
    byId(id).classList.toggle("bad", bad);
  };
  const show = async (write) => {
    const mine = ++turn;
    const row = list.length ? await explorer.text(list[at]) : null;
    if (mine !== turn) return;
    byId("at").textContent = row ? `${count(at + 1)} of ${count(list.length)}` : "none fits";
    byId("previous").disabled = byId("next").disabled = list.length < 2;
    byId("change").textContent = names[which.value];
    for (const one of document.querySelectorAll("[data-c]")) {
      one.classList.toggle("on", one.dataset.c === which.value);
      if (one.tagName === "A") one.toggleAttribute("aria-current", one.dataset.c === which.value);
    }
    if (!row) return;
    const [id, question, due, outcomes, base, tuned] = row;
    text("question", question);
    text("base", base || "(nothing)", BAD.includes(outcomes[0]));
    text("tuned", tuned || "(nothing)", BAD.includes(outcomes[1]));
    text("expected", due.replace(/^expected: /, "") || "“I don't know”");
    text("probe", id);
    if (write) history.replaceState(null, "", `#read?${new URLSearchParams({ c: which.value, p: id })}`);
  };
  // `pointed`: the row or the probe that comes first.
  const choose = async (change, pointed = null, write = true) => {
    which.value = change;
    const mine = ++turn;
    const found = await explorer.find({ c: change, t: task.value, q: q.value }, () => mine !== turn);
    if (mine !== turn) return;
    list = found;
    at = 0;
    let first = list.indexOf(pointed);
    for (let i = 0; typeof pointed === "string" && i < list.length; i += 1) {
      if ((await explorer.text(list[i]))[0] === pointed) { first = i; break; }
    }
    if (first > 0) list = [list[first], ...list.filter((_, i) => i !== first)];
    if (mine === turn) await show(write);
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
    if (!(state.get("c") in names)) return false;
    choose(state.get("c"), state.get("p"), false);
    byId("read").scrollIntoView({ block: "nearest" });
    return true;
  };
  addEventListener("hashchange", fromAddress);
  const { first, at: pointed } = byId("read").dataset;
  if (!fromAddress()) choose(first, Number(pointed), false);
})();
