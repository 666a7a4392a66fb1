// Charts: a drawing comes alive when it is near, with Vega from the page itself.
(() => {
  const places = [...document.querySelectorAll(".chart")];
  if (!places.length) return;
  const specs = JSON.parse(byId("charts").textContent);
  let loaded = null;
  const load = () => {
    loaded ??= unpacked(byId("vega")).text().then((source) => {
      // The page's policy lets this text run, by its digest, and no other.
      const script = element("script");
      script.textContent = source;
      document.head.append(script);
    });
    return loaded;
  };
  const options = {
    mode: "vega-lite",
    // Interpreted: the policy allows no text to become a program.
    ast: true,
    actions: false,
    renderer: "svg",
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
  };

  // Keys walk the marks that say something; what one says is shown and read aloud.
  const walk = (place) => {
    const said = element("p", "aside");
    said.setAttribute("aria-live", "polite");
    place.append(said);
    // Points, not the lines and names that say the same.
    const marks = () => [...place.querySelectorAll("svg path")].filter((one) => one.__data__?.tooltip);
    let at = -1;
    const point = (kind, mark) => {
      const box = mark.getBoundingClientRect();
      mark.dispatchEvent(new PointerEvent(kind, {
        bubbles: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2,
      }));
    };
    const leave = () => {
      if (at >= 0) point("pointerout", marks()[at]);
      at = -1;
    };
    place.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") leave();
      if (!step) return;
      event.preventDefault();
      const all = marks();
      if (!all.length) return;
      at = at < 0 && step < 0 ? all.length - 1 : (at + step + all.length) % all.length;
      point("pointermove", all[at]);
      said.textContent = Object.entries(all[at].__data__.tooltip).map(([name, value]) => `${name}: ${value}`).join(", ");
    });
    place.addEventListener("focusout", leave);
    if (marks().length) {
      place.tabIndex = 0;
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", `${specs[place.id].description} Arrow keys read its points.`);
    }
  };
  const enliven = async (place) => {
    const still = place.querySelector("svg");
    const live = element("div");
    try {
      await load();
      const config = { font: getComputedStyle(document.body).fontFamily };
      await vegaEmbed(live, specs[place.id], { ...options, config });
      // Its place for controls; no chart has any.
      live.querySelector("form")?.remove();
      still.replaceWith(live);
      place.classList.add("live");
      walk(place);
    } catch (problem) {
      // The drawing stays, and says the same.
      console.error(problem);
    }
  };
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") byId("vg-tooltip-element")?.classList.remove("visible");
  });
  const near = new IntersectionObserver((seen) => {
    for (const one of seen.filter((each) => each.isIntersecting)) {
      near.unobserve(one.target);
      enliven(one.target);
    }
  }, { rootMargin: "300px" });
  places.forEach((one) => near.observe(one));
})();
