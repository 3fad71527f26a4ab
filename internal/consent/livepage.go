package consent

import (
	"net/http"
	"net/url"
	"slices"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
)

// newLivePage reads what a browser shows: the answer gives the status, its scripts the rest.
func newLivePage(look chromium.Look, at *url.URL, answer *exchange.Exchange) *page {
	p := &page{url: at, base: at, status: http.StatusOK, header: http.Header{}, answer: answer, isHTML: true, live: true, active: look.Scripted}
	if answer != nil {
		p.status = answer.Status
		if answer.Header != nil {
			p.header = answer.Header
		}
	}
	read(p, []byte(look.HTML))
	if value := p.header.Get("Refresh"); value != "" && p.refresh == nil {
		p.refresh = readRefresh(p.base, value)
	}
	p.enliven()
	return p
}

// enliven makes of a page's parts what scripts make of them: every button sends something, and fields and buttons
// that stand in no form belong together.
func (p *page) enliven() {
	for _, f := range p.forms {
		for _, c := range f.controls {
			if c.kind == "button" {
				c.kind = "submit"
			}
		}
		f.wake()
	}
	page, banner := &form{}, &form{cookies: true}
	var links []*control
	for _, c := range p.loose {
		if c.kind == "link" {
			links = append(links, c)
			continue
		}
		if c.form != nil {
			continue
		}
		if c.form = page; c.cookies {
			c.form = banner
		}
		if c.kind == "button" {
			c.kind = "submit"
		}
		c.form.controls = append(c.form.controls, c)
	}
	p.loose = links
	for _, f := range []*form{page, banner} {
		if f.wake(); len(f.controls) > 0 {
			p.forms = append(p.forms, f)
		}
	}
}

// wake counts on buttons that are disabled until something is filled in.
func (f *form) wake() {
	if !slices.ContainsFunc(f.controls, func(c *control) bool { return c.usable() && !c.isSubmit() && c.kind != "hidden" }) {
		return
	}
	for _, c := range f.controls {
		c.disabled = c.disabled && !c.isSubmit()
	}
}
