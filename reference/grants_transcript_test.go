package reference

// kmConsents is what becomes of a code and of its tokens when its user consents once more.
func kmConsents(tr *transcript, one Client) {
	first := tr.exchange(one, tr.code(one))
	tr.note("a second consent", tr.exchange(one, tr.code(one)))
	tr.note("the first one's access token", tr.queue(first.text("access_token")))
	older, newer := tr.code(one), tr.code(one)
	tr.note("the older of two codes", tr.exchange(one, older))
	tr.note("the newer of two codes", tr.exchange(one, newer))
}
