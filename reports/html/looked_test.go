package html_test

// looked is what a page's own measure says of it.
type looked struct {
	Overflow float64  `json:"overflow"` // how much wider the page is than the window
	Pale     []string `json:"pale"`     // texts whose contrast is below 4.5
	Over     []string `json:"over"`     // texts that lie over one another
	Cut      []string `json:"cut"`      // texts that end at the edge of a plot
	Apart    float64  `json:"apart"`    // by how much the names of lives are drawn larger than the lives
	Texts    int      `json:"texts"`
	Plots    []struct {
		Width, Height, Letters float64
	} `json:"plots"`
	Background string `json:"background"`
}

// measure opens what is folded, and measures. The contrast is WCAG's, of a text against the first ground behind it that
// is not transparent.
const measure = `(() => {
  dispatchEvent(new Event("beforeprint")); // puts in what stands aside
  document.querySelectorAll("details").forEach(d => d.open = true);
  document.querySelectorAll(".case").forEach(c => c.style.contentVisibility = "visible"); // as if each had come into view
  const parts = c => (c.match(/[\d.]+/g) || []).map(Number);
  const light = c => { const [r, g, b] = parts(c).map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 }); return .2126 * r + .7152 * g + .0722 * b };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor, p = parts(c); if (p.length == 3 || p[3] > 0) return c } return "rgb(255, 255, 255)" };
  const pale = [];
  let texts = 0;
  const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.tagName == "title") continue;
    texts++;
    const style = getComputedStyle(e);
    const a = light(e.closest("svg") ? style.fill : style.color), b = light(ground(e));
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) pale.push(contrast.toFixed(2) + " " + walk.currentNode.data.trim().slice(0, 60));
  }
  const boxes = [];
  for (const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT); walk.nextNode();) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.closest("title, .picture, option, .find")) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    for (const r of range.getClientRects()) if (r.width > 1 && r.height > 1) boxes.push({r, says: walk.currentNode.data.trim().slice(0, 40)});
  }
  boxes.sort((a, b) => a.r.top - b.r.top);
  const over = [];
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length && boxes[j].r.top < boxes[i].r.bottom - 3; j++) {
    const a = boxes[i].r, b = boxes[j].r;
    if (Math.min(a.bottom, b.bottom) - b.top > 3 && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2) over.push(boxes[i].says + " / " + boxes[j].says);
  }
  const cut = [...document.querySelectorAll("svg.plot text, .picture svg text")].filter(t => { const r = t.getBoundingClientRect(), s = t.closest("svg").getBoundingClientRect(); return r.left < s.left - 1 || r.right > s.right + 1 || r.top < s.top - 1 || r.bottom > s.bottom + 1 }).map(t => t.textContent);
  const scales = [...document.querySelectorAll(".picture svg")].map(s => s.getBoundingClientRect().height / s.viewBox.baseVal.height);
  const apart = scales.length ? Math.max(...scales) - Math.min(...scales) : 0;
  const plots = [...document.querySelectorAll("svg.plot")].map(s => { const r = s.getBoundingClientRect(), x = s.querySelector("text").getBoundingClientRect(); return {Width: r.width, Height: r.height, Letters: x.height} });
  return {overflow: document.documentElement.scrollWidth - innerWidth, pale: pale.slice(0, 10), over: over.slice(0, 10), cut: cut.slice(0, 10), apart, texts, plots, background: getComputedStyle(document.body).backgroundColor};
})()`
