"use strict";
(() => {
  const at = id => document.getElementById(id);
  const make = (name, css, text) => {
    const e = document.createElement(name);
    if (css) e.className = css;
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const mostExchanges = 300; // the report has more
  const marks = {pass: "✓", fail: "✗", warn: "!", waived: "~", error: "✗", "could-not-run": "✗"};
  const title = document.title;
  let run = "";

  const show = {
    situations(all) {
      at("situations").replaceChildren(...all.map(s => {
        const e = make("li", s.state, s.id);
        e.title = s.title + (s.why ? ": " + s.why : "");
        if (s.state == "now") e.setAttribute("aria-current", "step");
        return e;
      }));
      const now = all.find(s => s.state == "now");
      at("present").textContent = now ? now.id + ": " + now.title : "The script is over.";
    },
    exchange(x) {
      const line = make("tr", x.refused ? "refused" : "");
      line.append(make("td", "", x.clock), make("td", "", x.request), make("td", "", x.result));
      line.title = "exchange " + x.number + ", " + x.wall + " after the watch began";
      at("exchanges").prepend(line);
      while (at("exchanges").childElementCount > mostExchanges) at("exchanges").lastElementChild.remove();
      at("total").textContent = x.total + (x.total == 1 ? " exchange; the newest stands first." : " exchanges; the newest stands first. Calls that go as they should are listed a few times each.");
    },
    rows(all) {
      const count = {};
      at("rows").replaceChildren(...all.map(r => {
        count[r.outcome] = (count[r.outcome] || 0) + 1;
        const e = make("li", r.outcome);
        e.id = "row." + r.id;
        const word = make("span", "word " + r.outcome, (marks[r.outcome] || "–") + " " + r.outcome);
        e.append(word, " ", make("strong", "", r.id), " " + r.text);
        if (r.got) e.append(make("span", "got", r.got));
        return e;
      }));
      at("tally").textContent = "So far: " + Object.entries(count).map(([word, n]) => n + " " + word).join(", ") + ".";
    },
    picture(html) {
      const old = document.querySelector("#picture .picture"), focus = document.activeElement && document.activeElement.id;
      const left = old ? old.scrollLeft : 0, follows = !old || old.scrollLeft + old.clientWidth > old.scrollWidth - 60;
      at("picture").innerHTML = html;
      const fresh = document.querySelector("#picture .picture");
      if (fresh) fresh.scrollLeft = follows ? fresh.scrollWidth : left;
      if (focus && at(focus) && at("picture").contains(at(focus))) at(focus).focus({preventScroll: true});
    },
    verdict(v) {
      stream.close();
      at("head").className = "verdict " + v.verdict;
      at("words").textContent = v.words;
      at("why").replaceChildren(...(v.why || []).map(w => make("li", "", w)));
      at("present").textContent = "The watch is over.";
      document.title = v.words + ": " + title;
    },
    run(id) {
      if (run && run != id) location.reload(); // another watch, at the same address
      run = id;
    },
  };

  const stream = new EventSource("/__control/events");
  for (const kind of Object.keys(show)) stream.addEventListener(kind, e => show[kind](JSON.parse(e.data)));
  stream.onerror = () => { at("head").classList.add("lost"); at("words").textContent = "NOT CONNECTED"; };
  stream.onopen = () => { at("head").classList.remove("lost"); at("words").textContent = "WATCHING"; };
})();
