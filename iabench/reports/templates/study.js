"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // One question at a time, where there is a script to turn the leaves.
  const leaves = [...document.querySelectorAll(".leaf")];
  let at = 0;
  const turn = (by) => {
    at = (at + by + leaves.length) % leaves.length;
    leaves.forEach((leaf, i) => { leaf.hidden = i !== at; });
    document.getElementById("leaf-at").textContent = `${at + 1} of ${leaves.length}`;
  };
  if (leaves.length > 1) {
    document.getElementById("prev").addEventListener("click", () => turn(-1));
    document.getElementById("next").addEventListener("click", () => turn(1));
    turn(0);
  }
})();
