"use strict";
(() => {
  const find = document.getElementById("find");
  const kinds = [...document.querySelectorAll("input[name=kind]")];
  const rows = [...document.querySelectorAll("li[data-kind]")];
  const groups = [...document.querySelectorAll("section")];
  const count = document.getElementById("count");
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const all = count.textContent;
  const texts = new Map(rows.map((row) => [row, fold(row.textContent)]));
  const apply = () => {
    const words = fold(find.value).split(/\s+/).filter(Boolean);
    const shown = new Set(kinds.filter((box) => box.checked).map((box) => box.value));
    let visible = 0;
    for (const row of rows) {
      const text = texts.get(row);
      row.hidden = !shown.has(row.dataset.kind) || !words.every((word) => text.includes(word));
      visible += row.hidden ? 0 : 1;
    }
    for (const group of groups) group.hidden = !group.querySelector("li:not([hidden])");
    const some = count.dataset.some.replace("$shown", visible).replace("$all", rows.length);
    count.textContent = visible === rows.length ? all : some;
    document.getElementById("nothing").hidden = visible > 0;
  };
  find.form.addEventListener("submit", (event) => event.preventDefault());
  find.addEventListener("input", apply);
  for (const box of kinds) box.addEventListener("change", apply);
  apply(); // a browser may bring back what was typed before a reload
})();
