"use strict";
// Puts in the cases that stand aside so that a page of hundreds opens at once, and the bodies that stand above. Shows those
// cases and requirements alone that have every word that is looked for, and the outcome that is asked for.
const bar = document.getElementById("find");
const [words, outcome] = bar.querySelectorAll("input, select");
const aside = [...document.querySelectorAll("noscript")];
let parts;

function repeat(bodies) {
  for (const body of bodies) body.textContent = document.getElementById(body.dataset.body).textContent;
}

function put(until) {
  while (aside.length > 0 && until()) {
    const place = aside.shift(), held = document.createElement("template");
    held.innerHTML = place.textContent;
    const bodies = held.content.querySelectorAll("[data-body]");
    place.replaceWith(held.content);
    repeat(bodies);
  }
}

function whole() {
  put(() => true);
}

function goOn() { // between whatever else there is to do
  const turn = performance.now() + 40;
  put(() => performance.now() < turn);
  if (aside.length > 0) soon(goOn);
}

function soon(what) {
  if (window.requestIdleCallback) requestIdleCallback(what, { timeout: 200 });
  else setTimeout(what, 20);
}

function find() {
  whole();
  parts ??= [...document.querySelectorAll("[data-outcome]")].map((element) => ({ element, text: element.textContent.toLowerCase() }));
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

function named() {
  return document.getElementById(decodeURIComponent(location.hash.slice(1)));
}

function arrive() { // a link leads to what it names, whether it stands aside or a search hides it
  if (location.hash && !named()) {
    whole();
    if (named()) location.replace(location.hash);
  }
  if (!named()?.closest("[hidden]")) return;
  words.value = outcome.value = "";
  find();
  named().scrollIntoView();
}

words.addEventListener("input", find);
outcome.addEventListener("change", find);
addEventListener("hashchange", arrive);
addEventListener("beforeprint", whole);
repeat(document.querySelectorAll("[data-body]"));
arrive();
soon(goOn);
bar.hidden = false;
