package load

import (
	"context"

	"gonogo/internal/exchange"
	"gonogo/specs"
)

// revocation looks, once the attack is over, whether a revoked access token works: during it nobody could, for a
// revocation may end every session of the account.
func (r *run) revocation(ctx context.Context) {
	op := r.script.ops.First(specs.RoleRevoke)
	if op == nil || r.script.live == nil || op.Setting != "" && r.script.target.Settings.RevokePath == "" {
		return
	}
	g, err := r.obtain(ctx)
	if err != nil {
		return // the attack is what the run is about
	}
	if before, err := r.lives(ctx, g); err != nil || !before {
		return
	}
	answer, err := r.call(ctx, &errand{op: op}, map[string]string{access: g.access, refresh: g.refresh})
	if err != nil || !answer.Succeeded() {
		r.note("after the attack no token could be revoked, so nothing is known of those that are")
		return
	}
	last := r.script.live
	again, err := r.call(ctx, last, map[string]string{access: g.access, refresh: g.refresh})
	if err != nil || !r.affirms(last, again) {
		return
	}
	r.accuse(revived, last, "with an access token that was revoked", "a refusal (4xx)", statusText(again.Status), func() *exchange.Exchange { return again.Exchange })
}
