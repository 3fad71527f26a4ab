package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gonogo/internal/drive"
)

// Of a client that does not come through a situation in less than fair nothing is said, unless it made as many calls meanwhile.
const (
	fair     = 10 * time.Second
	fewCalls = 4
)

// endedBefore is why a situation is not played whose turn does not come.
const endedBefore = "the watch had ended before"

// outcome is what became of a situation.
type outcome struct {
	reached bool
	why     string // why the client did not come through it, as a sentence
	cut     bool   // that is because the watch ended, or could not play it
}

// against is what the client did wrong in a situation, as a sentence; empty: nothing, or nobody can say.
func (o *outcome) against() string {
	if o == nil || o.cut || !o.reached {
		return ""
	}
	return o.why
}

// announce begins a situation, for everybody.
func (w *watched) announce(ctx context.Context, id, title string, carries map[string]any) {
	w.show.judge(ctx)
	w.enter(id)
	w.control.Set(id, carries)
	w.tellSituation(id)
	if w.config.Begun != nil {
		w.config.Begun(id, title)
	}
	if w.config.Hook == "" {
		return
	}
	end, err := drive.Hook(ctx, drive.Command{Line: w.config.Hook, Environment: w.environment(), Output: w.config.Output}, id, w.config.Patience)
	switch {
	case err != nil:
		w.faults = append(w.faults, err.Error())
	case !end.Good() && ctx.Err() == nil:
		w.faults = append(w.faults, fmt.Sprintf("the hook failed in the situation %s, with exit code %d", id, end.Code))
	}
}

// play plays the script, as long as there is a client.
func (w *watched) play(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if w.config.For > 0 {
		timed, stop := context.WithTimeout(ctx, w.config.For)
		defer stop()
		ctx = timed
	}
	go func() {
		select {
		case <-w.full:
			cancel()
		case <-ctx.Done():
		}
	}()
	for i, s := range script {
		played := &outcome{}
		w.outcomes[s.id] = played
		if s.lacks != nil {
			if played.why = s.lacks(w.stage, w.config); played.why != "" {
				continue
			}
		}
		if ctx.Err() != nil || w.gone() {
			if played.why = endedBefore; errors.Is(ctx.Err(), context.DeadlineExceeded) {
				w.unplayed++
			}
			continue
		}
		if i > 0 {
			w.settle(ctx, &scene{Config: w.config}) // what comes of the situation before is over then
		}
		if i > 0 && !s.announces {
			w.announce(ctx, s.id, s.title, nil)
		}
		w.meet(ctx, s, played)
		if i == 0 {
			w.probeClock(ctx)
		}
		if w.config.Until != "" && w.violated(w.config.Until) {
			return
		}
	}
}

// violated reports whether what has come so far violates a row.
func (w *watched) violated(row string) bool {
	w.still.Lock()
	defer w.still.Unlock()
	return slices.ContainsFunc(looks(w.dialect), func(l look) bool { return l.row == row && len(l.see(w.stage).found) > 0 })
}

// meet plays one situation.
func (w *watched) meet(ctx context.Context, s situation, played *outcome) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if w.process != nil {
		over := w.process.Done()
		go func() {
			select {
			case <-over:
				if !s.restarts {
					cancel()
				}
			case <-ctx.Done():
			}
		}()
	}
	scene := &scene{Config: w.config, watched: w}
	err := s.play(w.stage, ctx, scene)
	w.meddle(nil)
	played.reached, played.why = scene.reached, scene.why
	switch {
	case ctx.Err() != nil && w.gone():
		played.why, played.cut = "the command ended meanwhile", true
	case ctx.Err() != nil:
		played.why, played.cut = "the watch ended meanwhile", true
	case err != nil:
		played.cut = true
		w.faults = append(w.faults, fmt.Sprintf("the situation %s could not be played: %v", s.id, err))
		played.why = "it could not be played"
	case played.against() != "" && w.config.Patience < fair && w.calls(s.id) < fewCalls:
		played.cut = true // a busy machine lets a good client wait as long
	}
}

// gone reports whether the command has ended.
func (w *watched) gone() bool {
	if w.process == nil {
		return false
	}
	select {
	case <-w.process.Done():
		return true
	default:
		return false
	}
}

// calls is how many calls were made in a situation, of those that were kept.
func (w *watched) calls(situation string) (n int) {
	for _, e := range w.during(situation) {
		if isUse(e) {
			n++
		}
	}
	return n
}
