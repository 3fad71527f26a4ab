package chromium

import (
	"bytes"
	"net/http"
	"net/url"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
)

// serve has the host answer a request of the window.
func (w *Window) serve(event *fetch.EventRequestPaused) {
	v := w.visit
	if !v.answering() {
		v.process.fail(event)
		return
	}
	defer v.answers.Done()
	part := w.part(event)
	if part != Media { // nobody waits for an image
		w.asks(part, 1)
		defer w.asks(part, -1)
	}
	r, err := w.request(event, part)
	if err != nil {
		v.process.fail(event)
		return
	}
	answer := v.host.Answer(v.ctx, r)
	if answer == nil {
		v.process.fail(event)
		return
	}
	_, _ = call(v.ctx, v.process, fetch.FulfillRequest, fetch.FulfillRequestParams{
		RequestID: event.RequestID, ResponseCode: int64(answer.Status), ResponseHeaders: headers(answer), Body: answer.Body,
	})
}

func (w *Window) asks(part Part, n int) {
	w.mu.Lock()
	w.asking += n
	w.activity++
	if part == Page || part == Data {
		w.moves++
	}
	w.mu.Unlock()
	w.visit.stir()
}

func (w *Window) request(event *fetch.EventRequestPaused, part Part) (*Request, error) {
	at, err := url.Parse(event.Request.URL + event.Request.URLFragment)
	if err != nil {
		return nil, err
	}
	r := &Request{Window: w, Part: part, Method: event.Request.Method, URL: at, Header: http.Header{}}
	for name, value := range event.Request.Headers {
		if text, ok := value.(string); ok {
			r.Header.Set(name, text)
		}
	}
	r.Header.Del("Accept-Encoding") // nobody would undo it
	for _, entry := range event.Request.PostDataEntries {
		r.Body = append(r.Body, entry.Bytes...)
	}
	return r, nil
}

func (w *Window) part(event *fetch.EventRequestPaused) Part {
	switch event.ResourceType {
	case network.ResourceTypeDocument:
		if event.FrameID == cdp.FrameID(w.id) {
			return Page
		}
		return Frame
	case network.ResourceTypeScript, network.ResourceTypeStylesheet:
		return Piece
	case network.ResourceTypeXHR, network.ResourceTypeFetch, network.ResourceTypeEventSource, network.ResourceTypePreflight:
		return Data
	}
	return Media
}

// headers are the answer's, without those that speak of how it was sent.
func headers(answer *Answer) []*fetch.HeaderEntry {
	var entries []*fetch.HeaderEntry
	for name, values := range answer.Header {
		switch http.CanonicalHeaderKey(name) {
		case "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection", "Alt-Svc", "Strict-Transport-Security":
			continue
		}
		for _, value := range values {
			entries = append(entries, &fetch.HeaderEntry{Name: name, Value: string(bytes.ToValidUTF8([]byte(value), []byte("?")))})
		}
	}
	return entries
}
