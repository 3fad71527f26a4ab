package reference

import (
	"fmt"
	"strings"
	"time"
)

func kitchenhubTranscript(tr *transcript) {
	who := tr.account("kitchenhub", "primary")
	token := func(step, body string) got { return tr.note(step, tr.post("/v2/auth/token", body)) }

	first := tr.note("issue", tr.khIssue())
	second := tr.note("issue again", tr.khIssue())
	tr.note("first pair still works", tr.orders("Bearer "+first.text("access_token")))
	token("wrong secret", `{"client_id":"`+who.ID+`","client_secret":"wrong"}`)
	token("other case", `{"client_id":"`+who.ID+`","client_secret":"`+strings.ToUpper(who.Secret)+`"}`)
	token("longer secret", `{"client_id":"`+who.ID+`","client_secret":"`+who.Secret+`x"}`)
	token("spaced secret", `{"client_id":"`+who.ID+`","client_secret":"`+who.Secret+` "}`)
	token("secret of another", `{"client_id":"`+who.ID+`","client_secret":"`+tr.account("kitchenhub", "second").Secret+`"}`)
	token("more than the object", `{"client_id":"`+who.ID+`","client_secret":"`+who.Secret+`"} trailing }`)
	token("unknown client", `{"client_id":"nobody","client_secret":"wrong"}`)
	for _, secret := range []string{``, `,"client_secret":""`, `,"client_secret":null`, `,"client_secret":7`, `,"client_secret":{}`, `,"client_secret":[]`, `,"client_secret":{"$ne":""}`} {
		token("secret is "+secret, `{"client_id":"`+who.ID+`"`+secret+`}`)
	}
	for _, value := range notToken {
		token("client_id is "+value, `{"client_id":`+value+`,"client_secret":"`+who.Secret+`"}`)
		tr.note("refresh_token is "+value, tr.post("/v2/auth/refresh", `{"refresh_token":`+value+`}`))
		tr.note("access_token is "+value, tr.post("/v2/auth/validate", `{"access_token":`+value+`}`))
	}
	token("no client_id", `{"client_secret":"`+who.Secret+`"}`)
	for _, body := range []string{``, `{"client_id":`, `[]`, `null`, `{}{}`, `{"client_id":"a","client_id":"b"}`} {
		token("body "+body, body)
		tr.note("refresh body "+body, tr.post("/v2/auth/refresh", body))
		tr.note("validate body "+body, tr.post("/v2/auth/validate", body))
	}
	tr.oddJSON(tr.note, func(body string) got { return tr.post("/v2/auth/token", body) }, [2]string{"client_id", "client_secret"}, who.ID, who.Secret, "")
	tr.bodies(tr.note, "/v2/auth/token", `{"client_id":"a","client_secret":"b"}`)
	tr.paths(tr.note, "GET", "/v2/orders", "")
	tr.headers(tr.post("/v2/auth/token", "{}"))
	tr.coding(func(header ...string) got { return tr.do("GET", "/v2/orders", "", header...) })
	access, refresh := second.text("access_token"), second.text("refresh_token")
	tr.note("use", tr.orders("Bearer "+access))
	tr.note("use: none", tr.orders())
	tr.note("use: garbage", tr.orders("Bearer garbage"))
	tr.note("use: malformed", tr.orders("Bearer a b"))
	tr.note("use: scheme only", tr.orders("Bearer"))
	tr.note("use: basic", tr.orders("Basic "+access))
	tr.note("use: bare", tr.orders(access))
	tr.note("use: refresh token", tr.orders("Bearer "+refresh))
	tr.note("use: near miss", tr.orders("Bearer "+changedMiddle(access)))
	tr.note("validate", tr.khValidate(access))
	tr.note("validate unknown", tr.khValidate(changedMiddle(access)))
	tr.note("validate malformed", tr.khValidate("no token at all!"))
	tr.note("issue with another media type", tr.do("POST", "/v2/auth/token", `{}`, "Content-Type", "text/plain"))
	tr.note("validate refresh", tr.khValidate(refresh))
	tr.note("validate nothing", tr.post("/v2/auth/validate", `{}`))
	tr.note("refresh: unknown", tr.khRefresh("unknown-token"))
	tr.note("refresh: near miss", tr.khRefresh(changedMiddle(refresh)))
	tr.note("refresh: missing", tr.post("/v2/auth/refresh", `{}`))

	r := tr.note("refresh", tr.khRefresh(refresh))
	tr.note("old access after refresh", tr.orders("Bearer "+access))
	tr.note("new access works", tr.orders("Bearer "+r.text("access_token")))
	tr.note("issue after refresh", tr.khIssue())
	r = tr.note("refresh again", tr.khRefresh(r.text("refresh_token")))
	old := r.text("refresh_token")
	r = tr.note("and again", tr.khRefresh(old))
	tr.note("replay", tr.khRefresh(old))
	tr.note("after the replay", tr.orders("Bearer "+r.text("access_token")))
	raced := tr.khIssue()
	won := tr.race("race", func(c *tester) got { return c.khRefresh(raced.text("refresh_token")) })
	tr.note("replay after the race", tr.khRefresh(raced.text("refresh_token")))
	tr.note("the winner's token", tr.orders("Bearer "+won.text("access_token")))
	tr.note("refresh with access", tr.khRefresh(tr.khIssue().text("access_token")))

	p := tr.khIssue()
	tr.advance(20*time.Minute + 10*time.Second)
	tr.note("validate after 20 minutes", tr.khValidate(p.text("access_token")))
	tr.note("issue after 20 minutes", tr.khIssue())
	tr.advance(20 * time.Minute)
	tr.note("use after 40 minutes", tr.orders("Bearer "+p.text("access_token")))
	tr.advance(20 * time.Minute)
	tr.note("use after an hour", tr.orders("Bearer "+p.text("access_token")))
	tr.note("validate after an hour", tr.khValidate(p.text("access_token")))
	tr.advance(5 * time.Minute)
	tr.note("use after 65 minutes", tr.orders("Bearer "+p.text("access_token")))
	p = tr.khIssue()
	tr.advance(10 * time.Hour)
	p = tr.note("refresh after 10 hours", tr.khRefresh(p.text("refresh_token")))
	tr.advance(13 * time.Hour)
	p = tr.note("refresh after 13 hours", tr.khRefresh(p.text("refresh_token")))
	tr.advance(10 * time.Minute)
	tr.note("new access after ten minutes", tr.orders("Bearer "+p.text("access_token")))
	tr.advance(2 * time.Hour)
	tr.note("new access after two hours", tr.orders("Bearer "+p.text("access_token")))
	tr.advance(24*time.Hour + 2*time.Minute)
	tr.note("refresh after a day", tr.khRefresh(p.text("refresh_token")))

	tr.lives(holder{
		wrong: func() got { return tr.post("/v2/auth/token", `{"client_id":"`+who.ID+`","client_secret":"wrong"}`) },
		issue: func(string) got { return tr.khIssue() }, use: func(token string) got { return tr.orders("Bearer " + token) },
		refresh: tr.khRefresh, note: tr.note, access: tokenNamed("access_token"), next: tokenNamed("refresh_token"),
	})
	live := tr.khIssue()
	rotated := tr.control("rotate-secret", `{"client_id":"`+who.ID+`"}`)
	tr.say(fmt.Sprint("the id stays: ", rotated.text("client_id") == who.ID))
	tr.note("old secret", tr.khIssue())
	token("new secret", `{"client_id":"`+who.ID+`","client_secret":"`+rotated.text("client_secret")+`"}`)
	tr.note("live token after rotation", tr.orders("Bearer "+live.text("access_token")))
}
