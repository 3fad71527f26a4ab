package fifth

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// visible says, for each fault, whether it can be seen through HTTP.
var visible = map[Fault]func(v visitor) bool{
	CreatedAsOK:   func(v visitor) bool { return v.signIn(Primary).status == 200 },
	MissingMoment: func(v visitor) bool { return v.signIn(Primary).body.Token.Access.Until == 0 },
	AnyPassword: func(v visitor) bool {
		return v.post("/oauth2/token", Primary, "grant_type", "password", "username", Keeper.Name, "password", "wrong").status == 201
	},
	WrongZone: func(v visitor) bool {
		until, err := time.Parse(time.RFC3339, v.signIn(Primary).body.Token.Refresh.Until)
		return err == nil && time.Until(until) > 3*time.Hour
	},
	AnySecret:            func(v visitor) bool { return v.signIn(Client{ID: Primary.ID, Secret: "wrong"}).status == 201 },
	ForeignVoucherKeeper: func(v visitor) bool { return v.keeper(v.spend(Primary, v.voucher())) == Other.Number },
	ForeignRefreshKeeper: func(v visitor) bool {
		first := v.signIn(Primary)
		return v.keeper(first) == Keeper.Number && v.keeper(v.trade(Primary, first.refresh())) == Other.Number
	},
	HeaderShut: func(v visitor) bool { return v.shelves("X-Pantry-Token", v.signIn(Primary).access()).status == 401 },
	HeaderOpen: func(v visitor) bool {
		return v.shelves("X-Pantry-Token", "garbage").status == 200 && !v.opens("garbage")
	},
	RefreshOpens:   func(v visitor) bool { return v.opens(v.signIn(Primary).refresh()) },
	ActiveAnything: func(v visitor) bool { return v.look(Primary, "garbage").body.Active },
	ActiveForEver: func(v visitor) bool {
		given := v.signIn(Primary)
		v.s.Advance(time.Hour)
		return v.look(Primary, given.access()).body.Active && !v.opens(given.access())
	},
	MovingExp: func(v visitor) bool {
		given := v.signIn(Primary)
		v.s.Advance(5 * time.Minute)
		return v.look(Primary, given.access()).body.Exp > given.body.Token.Access.Until
	},
	ReplayableRefresh: func(v visitor) bool {
		given := v.signIn(Primary)
		return winners(2, func() reply { return v.trade(Primary, given.refresh()) }) == 2
	},
	RefreshRace: func(v visitor) bool {
		given := v.signIn(Primary)
		won := winners(16, func() reply { return v.trade(Primary, given.refresh()) })
		return won > 1 && v.trade(Primary, given.refresh()).status == 403
	},
	UnboundRefresh: func(v visitor) bool { return v.trade(Second, v.signIn(Primary).refresh()).status == 201 },
	ShortAccess: func(v visitor) bool {
		given := v.signIn(Primary)
		v.s.Advance(6 * time.Minute)
		return !v.opens(given.access())
	},
	EternalAccess: func(v visitor) bool {
		given := v.signIn(Primary)
		v.s.Advance(time.Hour)
		return v.opens(given.access())
	},
	ShortRefresh: func(v visitor) bool {
		given := v.signIn(Primary)
		v.s.Advance(61 * time.Minute)
		return v.trade(Primary, given.refresh()).status == 403
	},
	EternalRefresh: func(v visitor) bool {
		given := v.signIn(Primary)
		v.s.Advance(24 * time.Hour)
		return v.trade(Primary, given.refresh()).status == 201
	},
	OldSecretLives: func(v visitor) bool {
		_, ok := v.s.Regenerate(Primary.ID)
		return ok && v.signIn(Primary).status == 201
	},
	OpenRedirect: func(v visitor) bool {
		to := v.consent(Primary, "http://elsewhere.example/", "s", "open")
		return to != nil && to.Host == "elsewhere.example"
	},
	MangledState: func(v visitor) bool {
		return v.consent(Primary, Primary.ReturnTo, "a+b", "open").Query().Get("state") == "a b"
	},
	VoucherOnRefusal: func(v visitor) bool {
		return v.consent(Primary, Primary.ReturnTo, "s", ShutLabel).Query().Has("voucher")
	},
	ReplayableVoucher: func(v visitor) bool {
		voucher := v.voucher()
		return winners(2, func() reply { return v.spend(Primary, voucher) }) == 2
	},
	VoucherRace: func(v visitor) bool {
		voucher := v.voucher()
		return winners(16, func() reply { return v.spend(Primary, voucher) }) > 1 && v.spend(Primary, voucher).status == 403
	},
	UnboundVoucher: func(v visitor) bool { return v.spend(Second, v.voucher()).status == 201 },
	EternalVoucher: func(v visitor) bool {
		voucher := v.voucher()
		v.s.Advance(time.Hour)
		return v.spend(Primary, voucher).status == 201
	},
	RevivedVoucher: func(v visitor) bool {
		voucher := v.voucher()
		first, second := v.spend(Primary, voucher).status, v.spend(Primary, voucher).status
		v.s.Advance(20 * time.Second)
		return first == 201 && second == 403 && v.spend(Primary, voucher).status == 201
	},
	ShortVoucherAccess: func(v visitor) bool {
		given, signedIn := v.spend(Primary, v.voucher()), v.signIn(Primary)
		v.s.Advance(6 * time.Minute)
		return !v.opens(given.access()) && v.opens(signedIn.access())
	},
	VoucherRefreshStays: func(v visitor) bool {
		given := v.spend(Primary, v.voucher())
		return winners(2, func() reply { return v.trade(Primary, given.refresh()) }) == 2
	},
	SpentVoucherKeeps: func(v visitor) bool {
		voucher := v.voucher()
		given := v.spend(Primary, voucher)
		return v.spend(Primary, voucher).status == 403 && v.opens(given.access())
	},
	BrokenOnMalformed: func(v visitor) bool {
		return v.send(v.request("POST", "/oauth2/token", strings.NewReader("{}"))).status == 500
	},
	DropsOnMalformed: func(v visitor) bool {
		_, err := v.h.Do(v.request("POST", "/oauth2/token", strings.NewReader("{}")))
		return err != nil && v.signIn(Primary).status == 201
	},
	LeakyRefusal: func(v visitor) bool {
		return strings.Contains(v.signIn(Client{ID: Primary.ID, Secret: "wrong"}).text, Primary.Secret)
	},
	BrokenOnNUL: func(v visitor) bool {
		return v.post("/oauth2/token", Primary, "grant_type", "password", "username", "a\x00b", "password", "x").status == 500
	},
	CaseBlindSecret: func(v visitor) bool {
		return v.signIn(Client{ID: Primary.ID, Secret: strings.ToUpper(Primary.Secret)}).status == 201
	},
	LongerAccess: func(v visitor) bool { return v.opens(v.signIn(Primary).access() + "x") },
	HeaderEternal: func(v visitor) bool {
		given := v.signIn(Primary)
		v.s.Advance(time.Hour)
		return v.shelves("X-Pantry-Token", given.access()).status == 200 && !v.opens(given.access())
	},
	TradedMovingExp: func(v visitor) bool {
		given := v.trade(Primary, v.signIn(Primary).refresh())
		v.s.Advance(5 * time.Minute)
		return v.look(Primary, given.access()).body.Exp > given.body.Token.Access.Until
	},
	TradedReplay: func(v visitor) bool {
		given := v.trade(Primary, v.signIn(Primary).refresh())
		return winners(2, func() reply { return v.trade(Primary, given.refresh()) }) == 2
	},
	ChainEnds: func(v visitor) bool {
		given := v.signIn(Primary)
		for range 6 {
			given = v.trade(Primary, given.refresh())
		}
		return v.trade(Primary, given.refresh()).status == 403
	},
	SecondTradesShut: func(v visitor) bool { return !v.opens(v.trade(Second, v.signIn(Second).refresh()).access()) },
	SignInRevives: func(v visitor) bool {
		given := v.signIn(Primary)
		v.trade(Primary, given.refresh())
		v.signIn(Primary)
		return v.trade(Primary, given.refresh()).status == 201
	},
	TradeProlongs: func(v visitor) bool {
		given := v.signIn(Primary)
		v.s.Advance(9 * time.Minute)
		v.trade(Primary, given.refresh())
		v.s.Advance(9 * time.Minute)
		return v.opens(given.access())
	},
	SecretTakesAll: func(v visitor) bool {
		given := v.signIn(Primary)
		_, ok := v.s.Regenerate(Second.ID)
		return ok && !v.opens(given.access())
	},
	CloseLeavesOpen: func(v visitor) bool {
		given := v.signIn(Primary)
		return v.close(Primary, given.refresh()).status == 200 && v.opens(given.access())
	},
	CloseLeavesLook: func(v visitor) bool {
		given := v.signIn(Primary)
		v.close(Primary, given.refresh())
		return v.look(Primary, given.access()).body.Active
	},
	CloseAnybody: func(v visitor) bool {
		given := v.signIn(Primary)
		return v.close(Client{ID: Primary.ID, Secret: "wrong"}, given.refresh()).status == 403 && !v.opens(given.access())
	},
	CloseOthers: func(v visitor) bool {
		given := v.signIn(Primary)
		return v.close(Second, given.refresh()).status == 200 && !v.opens(given.access())
	},
	CacheableTokens: func(v visitor) bool { return v.signIn(Primary).header.Get("Cache-Control") == "" },
	CountableTokens: func(v visitor) bool { return v.signIn(Primary).access() == "pa_"+strings.Repeat("0", 39)+"1" },
}

// keeper is whose shelves the tokens of an answer open.
func (v visitor) keeper(given reply) int {
	v.t.Helper()
	return v.shelves("X-Pantry-Token", given.access()).body.Keeper.Number
}

func TestFaultsAreVisibleAndOthersAreNot(t *testing.T) {
	for _, violation := range Violations {
		t.Run(string(violation.Fault), func(t *testing.T) {
			t.Parallel()
			seen := visible[violation.Fault]
			if seen == nil {
				t.Fatal("nothing looks for it")
			}
			with := seen(faulty(t, violation.Fault))
			for again := 0; !with && slices.Contains([]Fault{VoucherRace, RefreshRace}, violation.Fault) && again < 20; again++ { // a busy machine may part the racers
				with = seen(faulty(t, violation.Fault))
			}
			want(t, "with the fault", with, true)
			want(t, "without it", seen(arrive(t, Options{})), false)
		})
	}
}
