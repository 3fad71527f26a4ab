// Finds the parts of the pages that have every word of what is looked for, in a heading first. ?q=WORDS asks as well.
const field = document.getElementById("search");
const found = document.getElementById("found");
const article = document.querySelector("article");
const root = document.body.dataset.root;

function matches(words) {
  return entries
    .map((e) => {
      const heading = (e.page + " " + e.heading).toLowerCase();
      const text = e.text.toLowerCase();
      if (!words.every((w) => heading.includes(w) || text.includes(w))) return null;
      return { e, weight: words.filter((w) => heading.includes(w)).length };
    })
    .filter((m) => m)
    .sort((a, b) => b.weight - a.weight)
    .map((m) => m.e);
}

function element(name, text, to) {
  const made = document.createElement(name);
  made.textContent = text;
  if (to) made.href = to;
  return made;
}

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter((w) => w);
  found.hidden = words.length === 0;
  article.hidden = words.length > 0;
  found.replaceChildren();
  if (words.length === 0) return;
  const all = matches(words);
  found.append(element("h2", all.length === 0 ? "Nothing has all of these words" : all.length === 1 ? "1 place" : all.length + " places"));
  const list = document.createElement("ul");
  for (const e of all.slice(0, 50)) {
    const item = document.createElement("li");
    const link = element("a", e.page === e.heading ? e.page : e.page + ": " + e.heading, root + e.file + "#" + e.id);
    link.addEventListener("click", () => { field.value = ""; show(); });
    const at = Math.max(0, e.text.toLowerCase().indexOf(words[0]) - 60);
    item.append(link, element("p", (at > 0 ? "… " : "") + e.text.slice(at, at + 180)));
    list.append(item);
  }
  found.append(list);
}

field.value = new URLSearchParams(location.search).get("q") ?? "";
if (field.value) show();
field.addEventListener("input", show);
field.form.addEventListener("submit", (event) => { event.preventDefault(); found.querySelector("a")?.click(); });
