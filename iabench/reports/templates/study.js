// One question at a time, where there is a script to turn the leaves.
(() => {
  const leaves = [...document.querySelectorAll(".leaf")];
  let at = 0;
  const turn = (by) => {
    at = (at + by + leaves.length) % leaves.length;
    leaves.forEach((leaf, i) => { leaf.hidden = i !== at; });
    byId("leaf-at").textContent = `${at + 1} of ${leaves.length}`;
  };
  if (leaves.length > 1) {
    byId("prev").addEventListener("click", () => turn(-1));
    byId("next").addEventListener("click", () => turn(1));
    turn(0);
  }
})();
