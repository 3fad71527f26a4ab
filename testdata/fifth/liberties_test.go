package fifth

import (
	"testing"
	"time"
)

// taken says, for each liberty, whether it can be seen through HTTP.
var taken = map[Liberty]func(v visitor) bool{
	OneSessionPerHuman: func(v visitor) bool {
		first, other := v.signIn(Primary), v.signIn(Second)
		return !v.opens(first.access()) && v.trade(Primary, first.refresh()).status == 403 && v.opens(other.access())
	},
	OneSessionPerClient: func(v visitor) bool {
		first, other, again := v.signIn(Primary), v.signIn(Second), v.signIn(Primary)
		return !v.opens(first.access()) && v.opens(other.access()) && v.opens(again.access())
	},
	Leeway: func(v visitor) bool {
		given := v.signIn(Primary)
		v.s.Advance(10*time.Minute + 55*time.Second)
		before := v.opens(given.access())
		v.s.Advance(5 * time.Second)
		return before && !v.opens(given.access())
	},
	FamilyRevocation: func(v visitor) bool {
		first := v.signIn(Primary)
		second := v.trade(Primary, first.refresh())
		return v.trade(Primary, first.refresh()).status == 403 && v.trade(Primary, second.refresh()).status == 403 && !v.opens(second.access())
	},
	OldAccessEnds: func(v visitor) bool {
		first := v.signIn(Primary)
		return v.opens(v.trade(Primary, first.refresh()).access()) && !v.opens(first.access())
	},
	ClockRunsOn: func(v visitor) bool {
		first := v.signIn(Primary)
		v.s.Advance(time.Hour)
		second := v.trade(Primary, first.refresh())
		v.s.Advance(61 * time.Minute)
		return v.trade(Primary, second.refresh()).status == 403
	},
	CachedAccess: func(v visitor) bool {
		first, second := v.signIn(Primary), v.signIn(Primary)
		return first.access() == second.access() && first.refresh() != second.refresh()
	},
	SecretTakesTokens: func(v visitor) bool {
		given, other := v.signIn(Primary), v.signIn(Second)
		v.s.Regenerate(Primary.ID)
		return !v.opens(given.access()) && v.opens(other.access())
	},
	BurnedVouchers: func(v visitor) bool {
		voucher := v.voucher()
		return v.spend(Second, voucher).status == 403 && v.spend(Primary, voucher).status == 403
	},
	OneVoucher: func(v visitor) bool {
		first, second := v.voucher(), v.voucher()
		return v.spend(Primary, first).status == 403 && v.spend(Primary, second).status == 201
	},
	OpenIntrospection: func(v visitor) bool { return v.look(Second, v.signIn(Primary).access()).body.Active },
	RateLimit: func(v visitor) bool {
		won := winners(60, func() reply { return v.signIn(Primary) })
		return won == 40 && v.signIn(Primary).header.Get("Retry-After") == "1"
	},
}

func TestLibertiesAreVisible(t *testing.T) {
	for _, l := range LibertyList {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			want(t, "with it", taken[l](free(t, l)), true)
			want(t, "without it", taken[l](arrive(t, Options{})), false)
		})
	}
}
