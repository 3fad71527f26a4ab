package clients

import "time"

// habits are how a client goes about it. A style is a set of them; a fault is one that is wrong.
type habits struct {
	workers, processes int
	byTime             bool    // it refreshes when the announced end has come, not only on a 401
	early              float64 // by this share of the lifetime before that
	validates          bool    // it asks whether its token is good before it uses it
	literal            bool    // it goes by what errors are called, and sends no state where a proof key takes its place (RFC 9700 section 2.1)
	shared             bool    // it reads the store whenever it needs a token, because other processes write it
	spread             bool    // its margin is a little different in every process

	alone    bool // one refresh at a time
	attempts int  // how often it tries a refresh whose answer is lost
	stubborn int  // how often it tries a refresh token that was refused
	repeats  int  // how often it repeats a call with new tokens after a 401
	stale    int  // how often with the same
	patient  bool // it obeys Retry-After

	keep       func(old, new pair) pair // what it stores after a refresh
	saves      func(refreshed bool) bool
	fixed      time.Duration // a margin that knows no lifetime
	renewals   bool          // it refreshes, where it could log in again
	restores   bool          // it writes back what it had when another was faster
	flinches   bool          // it throws its tokens away when the server is busy
	sure       bool          // a 401 tells it nothing as long as its token has not ended
	brittle    bool          // it ends with its first 401
	pushy      bool          // a 403 is like a 401 to it, five times
	gullible   bool          // it does not care what validate says
	strict     bool          // it refuses answers with members that it does not know
	trusting   bool          // it takes its Authorization to any host
	deaf       bool          // it does not hear of new credentials
	hasty      bool          // it ends a session without a revocation
	lax        bool          // a 2xx is a success to it, whatever the envelope says
	timeless   bool          // it reads an announced end without its offset
	anyState   bool          // it takes the code of any callback
	exchanges  int           // how often it tries a code that is refused
	twice      bool          // it exchanges its first code once more
	dawdles    time.Duration // before it exchanges its first code
	verifier   string        // one for every code; empty: a new one for each
	site       bool          // its user comes to a site of its own, with a browser
	popup      bool          // which asks for consent in a popup
	windowless bool          // and has none opened
	anyOrigin  bool          // and takes messages from any window
	muddles    bool          // it calls for its user with its own token now and then
	shallow    bool          // it takes tokens that stand beside the envelope
	forgetful  bool          // it has no store but its memory
}

// good is what every good client does, whatever its style.
var good = habits{
	workers: 1, processes: 1, spread: true, alone: true, attempts: 2, stubborn: 1, repeats: 1, patient: true, renewals: true, exchanges: 1,
	keep:  func(_, new pair) pair { return new },
	saves: func(bool) bool { return true },
}

// styles are good clients; the document's own lead is kept by every one.
var styles = map[string]func(h *habits){
	"lazy":          func(*habits) {},
	"eager":         func(h *habits) { h.byTime, h.early = true, 0.1 },
	"single-flight": func(h *habits) { h.workers, h.byTime = 6, true },
	"shared-store":  func(h *habits) { h.processes, h.shared = 3, true },
	"validating":    func(h *habits) { h.validates = true },
	"literal":       func(h *habits) { h.literal = true },
}

// sites are good clients whose users come to them with a browser.
var sites = map[string]func(h *habits){
	"web":   func(h *habits) { h.site = true },
	"popup": func(h *habits) { h.site, h.popup = true, true },
}

// style is one of either; nil: there is none.
func style(name string) func(*habits) {
	if own := sites[name]; own != nil {
		return own
	}
	return styles[name]
}
