// Filters of a board: the state is the address's fragment, so a view can be shared.
(() => {
  const rows = [...byId("standings").tBodies[0].rows];
  const q = byId("q"), s = byId("s");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const query = q.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = Boolean(query && !texts[i].includes(query)) || Boolean(s.value && row.dataset.status !== s.value);
      if (!row.hidden) shown += 1;
    });
    const all = count(rows.length);
    byId("shown").textContent = shown === rows.length ? `${all} entries` : `${count(shown)} of ${all} entries`;
    byId("nothing").hidden = shown > 0;
  };
  const write = () => {
    const state = new URLSearchParams();
    if (q.value) state.set("q", q.value);
    if (s.value) state.set("s", s.value);
    const query = state.toString();
    history.replaceState(null, "", query ? `#?${query}` : location.pathname + location.search);
  };
  const fromAddress = () => {
    const found = location.hash.match(/^#\?(.*)$/);
    if (found) {
      const state = new URLSearchParams(found[1]);
      q.value = state.get("q") || "";
      s.value = state.get("s") || "";
    }
    apply();
  };
  for (const field of [q, s]) field.addEventListener("input", () => { apply(); write(); });
  addEventListener("hashchange", fromAddress);
  fromAddress();
})();
