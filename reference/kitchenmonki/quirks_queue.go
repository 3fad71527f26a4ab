package kitchenmonki

import (
	"net/http"

	"gonogo/reference/kit"
)

// Quirks of the queue.
var queueQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-use-refused", "KM-USE-1", "A live access token in the header is refused at the queue.", instead(shown, (*monki).Unauthorized, inHeader)),
	defect("kitchenmonki-queue-not-json", "KM-USE-1", "The queue is an HTML page.", on(shown, kit.Page("<!DOCTYPE html><title>Queue</title><p>Two recipes are queued.</p>\n"))),
	defect("kitchenmonki-query-token-refused", "KM-USE-2", "A token in the query of a GET is not seen.", isBlind(http.MethodGet)),
	defect("kitchenmonki-post-token-refused", "KM-USE-2", "A token in the form of a POST is not seen.", isBlind(http.MethodPost)),
	defect("kitchenmonki-put-token-refused", "KM-USE-2", "A token in the form of a PUT is not seen.", isBlind(http.MethodPut)),
	defect("kitchenmonki-put-garbage-accepted", "KM-USE-3", "A PUT of the queue is let in by any Bearer token that nobody issued.", letIn(by(http.MethodPut), kit.Garbage, inHeader)),
	defect("kitchenmonki-post-refresh-token-accepted", "KM-USE-3", "A refresh token in the form of a POST of the queue is taken for an access token.", letIn(by(http.MethodPost), kit.Not(inHeader), kit.Foreign(kit.RefreshToken, kit.Presented))),
	defect("kitchenmonki-put-never-expires", "KM-EXPIRE-1", "A PUT of the queue is let in by an expired access token.", func(m *monki) { m.KeepsExpired = true }, letIn(by(http.MethodPut), wasAccess)),
	defect("kitchenmonki-query-never-expires", "KM-EXPIRE-1", "An expired access token in the query shows the queue.", func(m *monki) { m.KeepsExpired = true }, letIn(by(http.MethodGet), kit.Not(inHeader), wasAccess)),
	defect("kitchenmonki-form-token-dies-early", "KM-EXPIRE-1", "In a form an access token is taken for its first half hour only.", instead(shown, (*monki).Unauthorized, kit.Not(inHeader), writes, olderThan(accessLife/2))),
	defect("kitchenmonki-put-refuses-refreshed", "KM-REFRESH-1", "A PUT of the queue is refused to the access token of a refresh.", instead(shown, (*monki).Unauthorized, by(http.MethodPut), func(c *kit.Call) bool { return c.Grant.Age > 0 })),
	defect("kitchenmonki-put-other-user", "KM-CC-2", "A PUT of the queue acts as another user than its token is for.", instead(shown, (*monki).showAnothers, by(http.MethodPut))),
	defect("kitchenmonki-query-acts-as-client", "KM-CODE-5", "With the token in the query of a GET the queue is that of the client's own user.", instead(shown, (*monki).showClients, kit.Not(inHeader), by(http.MethodGet))),
	liberty("kitchenmonki-header-wins", "KM-USE-2", "With tokens in several places the header's is used.", instead(crowded, (*monki).answer, inHeader)),
	liberty("kitchenmonki-queue-writes-404", "KM-USE-2", "POST and PUT of the queue are answered 404.", refusesWrites(kit.Refused(http.StatusNotFound, "not_found", "There is nothing here for this method."), writes)),
	liberty("kitchenmonki-queue-writes-405", "KM-USE-2", "POST and PUT of the queue are answered 405.", refusesWrites(readOnly, writes)),
	liberty("kitchenmonki-body-first", "KM-USE-3", "A POST or PUT of the queue with a body that is no form is answered 422, whatever its token.", refusesWrites(kit.Refused(http.StatusUnprocessableEntity, "invalid_request", "The body is no form."), writes, noForm)),
	defect("kitchenmonki-no-token-accepted", "KM-USE-3", "The queue answers without any token.", letIn(kit.Nothing)),
	defect("kitchenmonki-garbage-accepted", "KM-USE-3", "The queue answers to any Bearer token that nobody issued.", letIn(kit.Garbage, inHeader)),
	defect("kitchenmonki-query-garbage-accepted", "KM-USE-3", "Any token in the query is accepted.", letIn(kit.Not(kit.Nothing), kit.Unknown, kit.Not(inHeader))),
	defect("kitchenmonki-head-opens", "KM-USE-3", "HEAD of the queue needs no token.", letIn(kit.Heads)),
	defect("kitchenmonki-scheme-only-accepted", "KM-USE-3", "The queue answers to the scheme Bearer without a token.", letIn(kit.SchemeOnly)),
	defect("kitchenmonki-crash-on-garbage-token", "ANY-5XX", "A Bearer token that nobody issued is answered 500.", on(kit.Unauthorized, kit.Crash, kit.Garbage)),
	defect("kitchenmonki-leaks-token", "ANY-LEAK", "The refusal of a Bearer token at the queue shows the newest live one.", func(m *monki) { m.RemembersText = true }, on(kit.Unauthorized, kit.TellToken, kit.Something)),
}
