// Every answer: found by an index, read from compressed blocks that are opened when they are needed.
const explorer = (() => {
  if (!byId("answers")) return null;
  const { n, block, facets, names } = JSON.parse(byId("about-answers").textContent);
  const opener = (kind) => {
    const sources = document.querySelectorAll(`script.${kind}`);
    const opened = new Map();
    return (number) => {
      if (number < sources.length && !opened.has(number)) opened.set(number, unpacked(sources[number]).json());
      return opened.get(number);
    };
  };
  const texts = opener("texts"), details = opener("details");
  const text = async (at) => (await texts(Math.floor(at / block)))[at % block];
  const index = unpacked(byId("index")).json();

  // Calls `each` with rows and texts, block by block; the next blocks are opened meanwhile.
  const through = async (rows, each, stopped) => {
    for (let i = 0; i < rows.length;) {
      const number = Math.floor(rows[i] / block);
      for (let ahead = 1; ahead <= 3; ahead += 1) texts(number + ahead);
      const here = await texts(number);
      if (stopped()) return;
      for (; i < rows.length && Math.floor(rows[i] / block) === number; i += 1) {
        if (each(rows[i], here[rows[i] % block], i) === false) return;
      }
    }
  };

  // Returns the rows that fit, in the order asked for.
  const find = async (want, stopped = () => false, tell = () => {}) => {
    const columns = await index;
    const tests = facets.filter((facet) => want[facet.key]).map((facet) => {
      const number = facet.values.findIndex(([code]) => code === want[facet.key]);
      const column = columns[facet.key];
      return facet.several ? (at) => column[at] & (1 << number) : (at) => column[at] === number;
    });
    let found = [];
    for (let at = 0; at < n; at += 1) if (tests.every((test) => test(at))) found.push(at);
    const query = (want.q || "").trim().toLowerCase();
    if (query) {
      const all = found;
      found = [];
      await through(all, (at, [id, question, due, , ...answers], i) => {
        if (i % 5000 === 0) tell(i, all.length);
        if ([question, ...answers, due, id].join("\n").toLowerCase().includes(query)) found.push(at);
      }, stopped);
    }
    const sign = { long: -1, short: 1 }[want.s];
    if (sign) found.sort((a, b) => sign * (columns.length[a] - columns.length[b]) || a - b);
    return found;
  };
  const findProbe = async (id) => {
    let found = -1;
    await through([...Array(n).keys()], (at, row) => {
      if (row[0] !== id) return true;
      found = at;
      return false;
    }, () => false);
    return found;
  };

  // One row; what it tells besides is read when it is opened.
  const made = (at, [id, question, due, outcomes, ...answers], columns) => {
    const [code, says] = facets[1].values[columns[facets[1].key][at]];
    const row = element("details", `row ${code}${names.length ? " several" : ""}${names.length > 2 ? " models" : ""}`);
    const summary = element("summary");
    const asked = element("span", "question", question);
    asked.dir = "auto";
    summary.append(element("b", "chip", says), asked);
    answers.forEach((answer, i) => {
      const said = element("span", `said ${outcomes[i]}`);
      if (names.length) said.append(element("b", "", names[i]));
      const words = element("q", "", answer);
      words.dir = "auto";
      said.append(words);
      summary.append(said);
    });
    if (due) {
      summary.append(element("span", "due", due));
      summary.lastChild.dir = "auto";
    }
    row.append(summary);
    row.addEventListener("toggle", async () => {
      if (!row.open || row.children.length > 1) return;
      const list = element("dl");
      row.append(list);
      for (const [term, told] of (await details(Math.floor(at / block)))[at % block]) {
        const cell = element("dd", "", told);
        cell.dir = "auto";
        list.append(element("dt", "", term), cell);
      }
      const link = element("a", "", "link to this answer");
      link.href = `#probe=${encodeURIComponent(id)}`;
      const cell = element("dd");
      cell.append(link);
      list.append(element("dt"), cell);
    });
    return row;
  };

  // The list: so many rows at once, more on demand.
  const STEP = 100;
  const fields = { q: byId("q"), s: byId("s") };
  for (const facet of facets) fields[facet.key] = byId(`by-${facet.key}`);
  const place = byId("rows"), more = byId("more");
  let list = [], shown = 0, group = -1, turn = 0;
  const want = () => Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.value]));
  const add = async () => {
    const mine = turn, columns = await index;
    const next = list.slice(shown, shown + STEP);
    const rows = await Promise.all(next.map(text));
    if (mine !== turn) return null;
    const first = place.children.length;
    next.forEach((at, i) => {
      const here = columns[facets[0].key][at];
      if (here !== group && !fields.s.value) {
        place.append(element("h3", "", facets[0].values[here][1]));
        group = here;
      }
      place.append(made(at, rows[i], columns));
    });
    shown += next.length;
    more.hidden = shown >= list.length;
    more.textContent = `show ${count(Math.min(STEP, list.length - shown))} more of ${count(list.length - shown)}`;
    return place.children[first];
  };
  const fill = async (found) => {
    list = found;
    shown = 0;
    group = -1;
    place.replaceChildren();
    const whole = list.length === n;
    byId("shown").textContent = whole ? `${count(n)} answers` : `${count(list.length)} of ${count(n)} answers`;
    byId("nothing").hidden = list.length > 0;
    byId("clear").hidden = whole && !fields.s.value;
    root.classList.toggle("filtered", !whole);
    return add();
  };
  const apply = async () => {
    const mine = ++turn;
    const tell = (i, all) => { byId("shown").textContent = `searched ${count(i)} of ${count(all)}`; };
    const found = await find(want(), () => mine !== turn, tell);
    return mine === turn ? fill(found) : null;
  };
  const write = () => {
    const query = new URLSearchParams(Object.entries(want()).filter(([, value]) => value)).toString();
    history.replaceState(null, "", query ? `#answers?${query}` : "#answers");
  };
  const set = (state) => {
    for (const [key, field] of Object.entries(fields)) {
      field.value = state.get(key) || "";
      // A value that the page does not have chooses all.
      if (field.selectedIndex === -1) field.value = "";
    }
    return apply();
  };
  const showProbe = async (id) => {
    const mine = ++turn;
    for (const field of Object.values(fields)) field.value = "";
    const at = await findProbe(id);
    if (mine !== turn) return;
    await fill(at < 0 ? [] : [at]);
    if (at >= 0) place.querySelector("details").open = true;
  };

  let waiting = 0;
  for (const field of Object.values(fields)) {
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { apply(); write(); }, field.type === "search" ? 150 : 0);
    });
  }
  byId("clear").addEventListener("click", () => { set(new URLSearchParams()); write(); });
  more.addEventListener("click", async () => {
    const first = await add();
    first?.querySelector("summary")?.focus();
  });
  const fromAddress = () => {
    const filters = location.hash.match(/^#answers\?(.*)$/);
    const probe = location.hash.match(/^#probe=(.*)$/);
    if (!filters && !probe) return false;
    let id = "";
    try { id = probe ? decodeURIComponent(probe[1]) : ""; } catch { /* no address of ours */ }
    const done = filters ? set(new URLSearchParams(filters[1])) : showProbe(id);
    done.then(() => byId("answers").scrollIntoView());
    return true;
  };
  for (const opened of document.querySelectorAll("[data-f]")) {
    opened.addEventListener("click", (event) => {
      event.preventDefault();
      history.pushState(null, "", `#answers?${opened.dataset.f}`);
      fromAddress();
    });
  }
  addEventListener("hashchange", fromAddress);
  if (!fromAddress()) apply();
  return { find, text };
})();
