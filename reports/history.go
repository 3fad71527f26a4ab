package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// History is what became of cases in earlier runs, and in those that are added: the latest last. A directory keeps it, a
// file for each run. It has no evidence and no secret in it.
type History struct {
	dir   string
	runs  []pastRun
	fresh int // of them, added since the directory was read: the latest
}

// pastRun is a run in the format gonogo/history/1.
type pastRun struct {
	Schema   string        `json:"schema"`
	Started  time.Time     `json:"started"`
	Dialects []pastDialect `json:"dialects"`
}

type pastDialect struct {
	ID    string             `json:"id"`
	At    string             `json:"at"` // where the target was, see place
	Cases map[string]Outcome `json:"cases"`
}

const historySchema = "gonogo/history/1"

// KeptRuns is how many runs a directory keeps: ten times as many as a waiver is judged by, so that runs of a few cases do
// not push out what others have seen.
const KeptRuns = 200

// StaleAfter is in how many runs in a row, the latest, the cases of a flaky waiver must not have ended as it says for it to
// be stale. One that happens once in ten runs hides for so long one time in eight.
const StaleAfter = 20

var keptName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8}\.json$`)

// OpenHistory reads the runs that a directory keeps, which need not be there yet.
func OpenHistory(dir string) (*History, error) {
	h := &History{dir: dir}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		file := filepath.Join(dir, name)
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var run pastRun
		if err := json.Unmarshal(data, &run); err != nil || run.Schema != historySchema {
			return nil, fmt.Errorf("%s is no run that gonogo kept; delete it", file)
		}
		h.runs = append(h.runs, run)
	}
	return h, nil
}

// names are the files of runs, the earliest first. Others are none of ours.
func (h *History) names() ([]string, error) {
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if keptName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Add takes in a run that came to its end, before any waiver. It is kept when Save is called. A nil history keeps nothing.
func (h *History) Add(started time.Time, dialects []*Dialect) {
	if h == nil {
		return
	}
	run := pastRun{Schema: historySchema, Started: started.UTC().Truncate(time.Millisecond)}
	for _, d := range dialects {
		past := pastDialect{ID: d.ID, At: place(d.Target), Cases: map[string]Outcome{}}
		for _, c := range d.Cases {
			past.Cases[c.ID] = c.unwaived()
		}
		run.Dialects = append(run.Dialects, past)
	}
	h.runs = append(h.runs, run)
	h.fresh++
}

// Save writes the runs that were added, each whole or not at all, and deletes the earliest beyond KeptRuns.
func (h *History) Save() error {
	if h == nil {
		return nil
	}
	for _, run := range h.runs[len(h.runs)-h.fresh:] {
		name := fmt.Sprintf("%s-%08x.json", run.Started.Format("20060102T150405.000Z"), rand.Uint32())
		if err := WriteFile(filepath.Join(h.dir, name), func(w io.Writer) error { return encoder(w).Encode(run) }); err != nil {
			return err
		}
	}
	h.fresh = 0
	names, err := h.names()
	if err != nil {
		return err
	}
	for len(names) > KeptRuns {
		if err := os.Remove(filepath.Join(h.dir, names[0])); err != nil && !os.IsNotExist(err) { // another run may be at it
			return err
		}
		names = names[1:]
	}
	return nil
}

// Writable finds out whether a run can be kept.
func (h *History) Writable() error { return Writable(h.dir) }

// Dir is where the history is kept.
func (h *History) Dir() string { return h.dir }

// seen are the outcomes of a case at one of these targets of its dialect, the latest first, but for runs in which it could
// not be looked at, unless that is what is wanted.
func (h *History) seen(id string, dialects []*Dialect, wanted Outcome) []Outcome {
	var all []Outcome
	for _, run := range slices.Backward(h.runs) {
		for _, past := range run.Dialects {
			outcome, has := past.Cases[id]
			here := slices.ContainsFunc(dialects, func(d *Dialect) bool { return d.ID == past.ID && place(d.Target) == past.At })
			if has && here && (outcome == wanted || outcome != NotApplicable && !unseen(outcome)) {
				all = append(all, outcome)
			}
		}
	}
	return all
}

// place is a target's address, without the port where it is this machine's: that is another one in every run.
func place(t Target) string {
	u, err := url.Parse(t.BaseURL)
	if err != nil {
		return t.BaseURL
	}
	u.User = nil
	if address, err := netip.ParseAddr(u.Hostname()); u.Hostname() == "localhost" || err == nil && address.IsLoopback() {
		u.Host = "localhost"
	}
	return u.String()
}
