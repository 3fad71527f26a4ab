package load

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// What is looked at once more after the attack, when nobody can lose by it.
const (
	mostLooked = 24 // families
	lookFor    = 2 * time.Second
)

// look shows, once the attack is over, what has ended in the families that were followed: once, then somebody is granted
// tokens, and once more. What the answers say of each other is the model's matter.
func (r *run) look(ctx context.Context) {
	ctx, end := context.WithTimeout(ctx, lookFor)
	defer end()
	all := r.histories.past()
	if len(all) == 0 || r.account.settled(ctx) != nil {
		return
	}
	r.shown(ctx, all)
	r.lookAfter(ctx, all)
}

// lookAgain is look at what was revoked after the attack.
func (r *run) lookAgain(ctx context.Context) {
	if h := r.histories; h != nil && h.room[ofRevoked] == 0 {
		r.lookAfter(ctx, h.all[len(h.all)-1:])
	}
}

// lookAfter looks at families once somebody was granted tokens.
func (r *run) lookAfter(ctx context.Context, all []*history) {
	if _, err := r.account.obtain(ctx, r.offer.begins); err != nil || r.account.settled(ctx) != nil {
		return // the attack is what the run is about
	}
	r.shown(ctx, all)
}

func (r *run) shown(ctx context.Context, all []*history) {
	for _, one := range all {
		r.show(ctx, one)
	}
}

// past are the histories of which something has ended or was replaced, those with the most of it first.
func (h *histories) past() (all []*history) {
	over := map[*history]int{}
	for _, one := range h.all {
		for _, m := range one.lived {
			if m.got == no || m.got == yes && (revokes(m.op) || m.op.Role == specs.RoleRefresh) {
				over[one]++
			}
		}
		if over[one] > 0 {
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b *history) int { return cmp.Compare(over[b], over[a]) })
	return all[:min(len(all), mostLooked)]
}

// show shows the tokens of a family that are past: the first access token and the latest that is not the last, or was refused
// or revoked, at all doors; and the first refresh token that was replaced, where the document says that it is dead.
func (r *run) show(ctx context.Context, one *history) {
	o := r.offer
	access, refresh := one.pasts()
	for _, token := range access {
		for _, c := range []*call{o.use, o.validate} {
			if c != nil {
				r.try(ctx, one, c.op, map[string]string{client.Access: token})
			}
		}
	}
	if o.rotates && refresh != "" && !r.account.habits.replayEndsAll {
		r.try(ctx, one, o.refresh.op, map[string]string{client.Refresh: refresh})
	}
}

// pasts are a family's tokens that are past.
func (h *history) pasts() (access []string, refresh string) {
	add := func(token string) {
		if token != "" && !slices.Contains(access, token) {
			access = append(access, token)
		}
	}
	for _, m := range h.lived {
		switch {
		case m.op.Role == specs.RoleRefresh && m.got == yes:
			refresh = cmp.Or(refresh, m.shown[1])
			add(m.shown[0])
		case m.got == no && m.op.Role != specs.RoleRefresh, m.got == yes && revokes(m.op):
			add(m.shown[0])
		}
	}
	if len(access) > 2 {
		access = []string{access[0], access[len(access)-1]}
	}
	return access, refresh
}

// try shows tokens of a family, and takes in what came of it.
func (r *run) try(ctx context.Context, one *history, op *operation.Op, held map[string]string) {
	reply, err := r.account.send(ctx, op, held)
	if err != nil || ctx.Err() != nil {
		return
	}
	one.replied(reply, heard(op, reply), held)
}

// heard is what an answer comes to.
func heard(op *operation.Op, reply *client.Reply) said {
	switch {
	case grants(op) && reply.Succeeded() && reply.Tokens[client.Access] != "", !grants(op) && reply.Affirms():
		return yes
	case grants(op) && reply.Refused() && !tooBusy(reply.Status), !grants(op) && denies(op, reply):
		return no
	}
	return nothingSaid
}
