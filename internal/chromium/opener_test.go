package chromium

import (
	"strings"
	"testing"
	"time"
)

// pressed is the window that opens when the button of a page is pressed.
func pressed(t *testing.T, v *Visit, w *Window, page string) *Window {
	t.Helper()
	if err := w.Go(t.Context(), "http://stage.example.com"+page); err != nil {
		t.Fatal(err)
	}
	before := len(v.Windows())
	for limit := time.Now().Add(answerTime); len(v.Windows()) == before; {
		if look, err := w.Look(t.Context()); err == nil && look.Complete && strings.HasSuffix(look.URL, page) {
			if _, err := w.Press(t.Context(), "0"); err != nil {
				t.Fatal(err)
			}
			break
		}
		if time.Now().After(limit) {
			t.Fatal("the page does not load")
		}
	}
	opened, err := v.await(t.Context(), func(other *Window) bool { return other != w && !other.State().Closed })
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func TestOnlyAnOpenerThatAPageCanSpeakToIsOne(t *testing.T) {
	b := here(t)
	for page, has := range map[string]bool{
		`<button onclick="window.open('/two', 'popup', 'width=500,height=300')">Go</button>`: true,
		`<button onclick="window.open('/two', '_blank', 'noopener')">Go</button>`:            false,
		`<a target=_blank href="/two">Go</a>`:                                                false,
		`<a target=_blank rel=opener href="/two">Go</a>`:                                     true,
	} {
		t.Run(page, func(t *testing.T) {
			v, w := visiting(t, b, newSite(map[string]string{"/one": page, "/two": "two"}))
			if got := pressed(t, v, w, "/one").Opener(); (got == w) != has || got != nil && got != w {
				t.Errorf("its opener is %v", got)
			}
		})
	}
}

func TestListens(t *testing.T) {
	b := here(t)
	for page, does := range map[string]bool{
		`<script>addEventListener('message', () => {}); gonogoTell('')</script>`: true,
		`<script>onmessage = () => {}; gonogoTell('')</script>`:                  true,
		`<script>addEventListener('load', () => {}); gonogoTell('')</script>`:    false,
	} {
		t.Run(page, func(t *testing.T) {
			s := newSite(map[string]string{"/": page})
			_, w := visiting(t, b, s)
			if err := w.Go(t.Context(), "http://stage.example.com/"); err != nil {
				t.Fatal(err)
			}
			s.hears(t, "")
			if got, err := w.Listens(t.Context(), "message"); err != nil || got != does {
				t.Errorf("%t, %v", got, err)
			}
		})
	}
}
