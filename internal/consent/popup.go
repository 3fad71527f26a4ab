package consent

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"gonogo/internal/chromium"
)

const (
	// maxHanded is how many messages of a popup are kept: pages that talk to their opener say a handful of things.
	maxHanded = 50
	// openTime is how long the two windows may take, which is the machine's matter and no page's.
	openTime = 60 * time.Second
	// maxDepth is how deep a code may lie in a message.
	maxDepth = 5
)

// openPopup shows a page of the client in the first window, and has it open the authorization page in a popup.
func (l *live) openPopup(ctx context.Context, first *chromium.Window) error {
	l.opener = first
	if err := first.Go(ctx, l.clientPage().String()); err != nil {
		return err
	}
	limit := time.Now().Add(openTime)
	for first.State().Busy {
		if time.Now().After(limit) {
			return fmt.Errorf("%w: the page that opens the popup did not load", chromium.ErrLost)
		}
		if err := l.wait(ctx); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithDeadline(ctx, limit)
	defer cancel()
	_, err := first.Popup(ctx, l.Authorize.String())
	return err
}

// clientPage is a page of the client's: of the redirect URI's origin, so that messages for that origin arrive.
func (l *live) clientPage() *url.URL {
	page := &url.URL{Scheme: "https", Host: "client.invalid", Path: "/gonogo-opener"}
	if at, err := parseReference(nil, l.RedirectURI); err == nil && (at.Scheme == "http" || at.Scheme == "https") {
		page.Scheme, page.Host = at.Scheme, at.Host
	}
	return page
}

// answerOpener answers for the client, in the window that opened the popup.
func (l *live) answerOpener(r *chromium.Request) *chromium.Answer {
	if r.Part != chromium.Page {
		return nil
	}
	if l.back.has(r.URL) {
		_, params := carried(r.URL, formOf(r))
		l.handed(Handover{URL: r.URL, Params: params})
	}
	answer := blank()
	answer.Body = append(answer.Body, `<script>addEventListener('message', function (event) {
  let text;
  try { text = JSON.stringify(event.data instanceof URLSearchParams ? String(event.data) : event.data); } catch (_) { }
  `+chromium.Tell+`(text === undefined ? JSON.stringify(String(event.data)) : text);
})</script>`...)
	return answer
}

// Told is a message to the client's page, as JSON.
func (l *live) Told(window *chromium.Window, message string) {
	if window != l.opener || l.opener == nil {
		return
	}
	var data any
	if json.Unmarshal([]byte(message), &data) == nil {
		params := url.Values{}
		spread(params, "", data, 0)
		l.handed(Handover{Params: params})
	}
}

// spread collects what a message says: names and values of objects however deep, and what stands in a text that is
// itself an address, a query or JSON.
func spread(params url.Values, name string, data any, depth int) {
	if depth > maxDepth {
		return
	}
	switch data := data.(type) {
	case map[string]any:
		for key, value := range data {
			spread(params, key, value, depth+1)
		}
	case []any:
		for _, value := range data {
			spread(params, name, value, depth+1)
		}
	case string:
		var inner any
		text := strings.TrimSpace(data)
		if (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")) && json.Unmarshal([]byte(text), &inner) == nil {
			spread(params, name, inner, depth+1)
			return
		}
		params.Add(name, data)
		if u, err := url.Parse(text); err == nil && u.Scheme != "" {
			text = u.RawQuery
			if !carriesAnswer(text) {
				text = u.EscapedFragment()
			}
		}
		if text = strings.TrimLeft(text, "?#&"); carriesAnswer(text) {
			for key, values := range parameters(text) {
				params[key] = append(params[key], values...)
			}
		}
	case float64, bool:
		params.Add(name, fmt.Sprint(data))
	}
}

// handing waits, after the popup's last page, for what is on its way to the opener.
func (l *live) handing(ctx context.Context) error {
	begun, activity, limit := time.Now(), -1, time.Now().Add(l.Patience)
	for {
		l.mu.Lock()
		enough := endPause
		for _, h := range l.res.Handed {
			if h.Params.Has("code") || h.Params.Has("error") {
				enough = scriptPause
			}
		}
		l.mu.Unlock()
		state := l.opener.State()
		if state.Busy || state.Activity != activity {
			begun, activity = time.Now(), state.Activity
		}
		if time.Since(begun) >= enough || time.Now().After(limit) {
			return nil
		}
		if err := l.wait(ctx); err != nil {
			return err
		}
	}
}

// handed takes note of what reached the opener.
func (l *live) handed(h Handover) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.res.Handed) < maxHanded {
		l.res.Handed = append(l.res.Handed, h)
		if l.res.Redirect == nil {
			l.minted()
		}
	}
}
