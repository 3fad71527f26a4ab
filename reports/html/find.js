"use strict";
// Shows those cases and requirements alone that have every word that is looked for, and the outcome that is asked for.
const bar = document.getElementById("find");
const [words, outcome] = bar.querySelectorAll("input, select");
const parts = [...document.querySelectorAll("[data-outcome]")].map((element) => ({ element, text: element.textContent.toLowerCase() }));

function find() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter((word) => word);
  const open = wanted.length > 0 || outcome.value !== "";
  let shown = 0;
  for (const { element, text } of parts) {
    element.hidden = !wanted.every((word) => text.includes(word)) || outcome.value !== "" && element.dataset.outcome !== outcome.value;
    if (!element.hidden && element.closest(".all")) shown++;
  }
  for (const all of document.querySelectorAll("details.all")) all.open = open;
  bar.querySelector("output").textContent = open ? shown + (shown === 1 ? " case" : " cases") : "";
}

function clear() {
  if (!document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("[hidden]")) return;
  words.value = outcome.value = "";
  find();
  document.getElementById(decodeURIComponent(location.hash.slice(1))).scrollIntoView();
}

words.addEventListener("input", find);
outcome.addEventListener("change", find);
addEventListener("hashchange", clear); // a link leads to what it names, whatever is looked for
bar.hidden = false;
