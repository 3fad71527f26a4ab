package flows

import (
	"gonogo/internal/client"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// renewal: what a refresh hands out is new and works. Every document with a refresh operation promises it.
func renewal(s *scene.Subject) []engine.Case {
	op := s.Ops.First(specs.RoleRefresh)
	if op == nil {
		return nil
	}
	group := s.NewGroup("renewal", op.At)
	group.Requests, group.Late = 6, true
	if use := s.Ops.First(specs.RoleUse); use != nil {
		group.Works("new-access-works", "the access token of a refresh authorizes requests", func(t *scene.Trial) {
			grant := refreshed(t)
			t.Authorizes(use, grant.Value(client.Access), "with the access token of a refresh")
		}, op.Success)
	}
	group.Works("new-refresh-works", "the refresh token of a refresh can be used in turn", func(t *scene.Trial) {
		grant := refreshed(t)
		if grant.Value(client.Refresh) == "" {
			t.Found(grant.Reply, "a refresh token", grant.Reply.Got())
			return
		}
		t.Succeeds(t.RefreshWith(grant.Role, grant.Value(client.Refresh), "with the refresh token of a refresh"))
	}, op.Success)
	kinds := []string{client.Access}
	if refresh, ok := s.Dialect.Token(client.Refresh); ok && refresh.Rotation != specs.RotationUnspecified {
		kinds = append(kinds, client.Refresh) // where rotation is not promised, the same one may come back
	}
	for _, kind := range kinds {
		group.Never("same-"+kind, "a refresh never hands back the same "+kind+" token", func(t *scene.Trial) {
			grant := t.Grant("")
			next := t.Renewed(grant)
			if next.Value(kind) == grant.Value(kind) {
				t.Found(next.Reply, "a new "+kind+" token", "the one from before")
			}
		}, op.Success)
	}
	return group.Cases
}
