package flows

import (
	"bytes"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gonogo/internal/exchange"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// consentPage: what the answers on the way to the user's approval say to the browser (RFC 9700 sections 4.2.4, 4.12 and 4.16).
func consentPage(s *scene.Subject, declared specs.Flow) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	group.Requests = aWalk
	group.Never("frames", "a page where the user signs in or approves never lets itself be shown within another site's", func(t *scene.Trial) {
		done, unsure := walked(t), false
		for _, page := range pages(t, done) {
			switch {
			case framed(page.Header), bytes.Contains(page.Body, []byte("frameElement")), breaksOut.Match(page.Body):
			case scripted.Match(page.Body):
				unsure = true
			default:
				t.FoundStep(done, page, "X-Frame-Options, or frame-ancestors in Content-Security-Policy", "neither")
				return
			}
		}
		if unsure {
			t.NotExercised("a page says nothing of frames in its headers, and runs a script of which cannot be told whether it does")
		}
	}, declared.Requirement)
	group.Works("referrer", "a page where the user signs in or approves keeps its address to itself", func(t *scene.Trial) {
		done := walked(t)
		for _, page := range pages(t, done) {
			if policy := referrer(page); !slices.Contains(discreet, policy) {
				t.FoundStep(done, page, "a Referrer-Policy that leaves the query out", strconv.Quote(policy))
				return
			}
		}
	}, declared.Params["referrer"])
	group.Never("password-sent-on", "a browser that has sent the user's password is never told to send it again elsewhere", func(t *scene.Trial) {
		done := walked(t)
		human := t.Dialect.Human()
		password, sent := t.Credential(human.Role, human.Fields[len(human.Fields)-1]), false
		for _, step := range done.Steps {
			if step.Method != http.MethodPost || !strings.Contains(scene.RequestText(step), password) {
				continue
			}
			sent = true
			if step.Status == http.StatusTemporaryRedirect || step.Status == http.StatusPermanentRedirect {
				t.FoundStep(done, step, "no redirect that keeps the form (307, 308), but 303", strconv.Itoa(step.Status))
			}
		}
		if !sent {
			t.NotExercised("nobody signed in with a password on the way")
		}
	}, declared.Params["redirect"])
	return group.Cases
}

// walked is a user's walk to the approval, step by step.
func walked(t *scene.Trial) *scene.Consented {
	if !t.SeesPages() {
		t.NotExercised("consent.mode %s does not show what the target answers on the way", t.Target.Consent.Mode)
	}
	return t.Ask(scene.Ask{Doing: "and the user approves"}, false)
}

// pages are those of a walk that have something to fill in or to press.
func pages(t *scene.Trial, done *scene.Consented) []*exchange.Exchange {
	var all []*exchange.Exchange
	for _, step := range done.Steps {
		media, _, _ := mime.ParseMediaType(step.Header.Get("Content-Type"))
		if step.Status/100 == 2 && media == "text/html" && asks.Match(step.Body) {
			all = append(all, step)
		}
	}
	if len(all) == 0 {
		t.NotExercised("no page asked the user for anything on the way")
	}
	return all
}

var (
	asks      = regexp.MustCompile(`(?i)<(form|button|script)\b`)
	scripted  = regexp.MustCompile(`(?i)<script\b`)
	breaksOut = regexp.MustCompile(`\btop\s*(\.|!=|===?)|\bparent\s*(\.|!=)`) // a script that looks whether it is in a frame
	ancestors = regexp.MustCompile(`(?i)(^|[;,]\s*)frame-ancestors\s+([^;,]*)`)
	inMeta    = regexp.MustCompile(`(?i)<meta\s[^>]*name\s*=\s*["']?referrer\b[^>]*>`)
	content   = regexp.MustCompile(`(?i)content\s*=\s*["']?\s*([a-z-]+)`)
)

// framed reports whether headers say who may show a page in a frame of his own, and not that everybody may.
func framed(header http.Header) bool {
	for _, value := range header.Values("X-Frame-Options") {
		if lower := strings.ToLower(value); strings.Contains(lower, "deny") || strings.Contains(lower, "sameorigin") || strings.Contains(lower, "allow-from ") {
			return true
		}
	}
	for _, value := range header.Values("Content-Security-Policy") {
		for _, found := range ancestors.FindAllStringSubmatch(value, -1) {
			if sources := strings.Fields(found[2]); len(sources) > 0 && !slices.ContainsFunc(sources, everybody) {
				return true
			}
		}
	}
	return false
}

func everybody(source string) bool { return source == "*" || source == "http:" || source == "https:" }

// discreet are the policies under which nobody else learns of the query of an address (W3C Referrer Policy).
var discreet = []string{"no-referrer", "same-origin", "origin", "strict-origin", "origin-when-cross-origin", "strict-origin-when-cross-origin"}

// policies are all that there are: a browser goes by the last that it knows.
var policies = append([]string{"unsafe-url", "no-referrer-when-downgrade"}, discreet...)

// referrer is what a page says of its address, in a header or in itself; empty: nothing.
func referrer(page *exchange.Exchange) string {
	policy := ""
	for _, one := range strings.Split(strings.Join(page.Header.Values("Referrer-Policy"), ","), ",") {
		if one = strings.ToLower(strings.TrimSpace(one)); slices.Contains(policies, one) {
			policy = one
		}
	}
	for _, meta := range inMeta.FindAll(page.Body, -1) {
		if found := content.FindSubmatch(meta); found != nil && slices.Contains(policies, strings.ToLower(string(found[1]))) {
			policy = strings.ToLower(string(found[1]))
		}
	}
	return policy
}
