package flows

import (
	"gonogo/internal/client"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// renewed are the tokens of a refresh. Failing to get them stops the case.
func renewed(a *scene.Act, grant *client.Grant) (*client.Grant, error) {
	reply, err := a.Refresh(grant)
	if err != nil {
		return nil, err
	}
	if !reply.Succeeded() {
		return nil, engine.CouldNotRun("the refresh did not succeed: %s", reply.Got())
	}
	return a.Collect(grant.Role, reply), nil
}

// renewal: what a refresh hands out is new and works. Every document with a refresh operation promises it.
func renewal(s *scene.Subject) []engine.Case {
	op := s.Ops.First(specs.RoleRefresh)
	if op == nil {
		return nil
	}
	book := s.NewBook("renewal", op.At)
	book.Requests, book.Late = 6, true
	if use := s.Ops.First(specs.RoleUse); use != nil {
		book.Works("new-access-works", "the access token of a refresh authorizes requests", func(a *scene.Act) error {
			grant, err := refreshed(a)
			if err != nil {
				return err
			}
			_, err = a.Authorizes(use, grant.Value(client.Access), "with the access token of a refresh")
			return err
		}, op.Success)
	}
	book.Works("new-refresh-works", "the refresh token of a refresh can be used in turn", func(a *scene.Act) error {
		grant, err := refreshed(a)
		if err != nil {
			return err
		}
		if grant.Value(client.Refresh) == "" {
			a.Found(grant.Reply, "a refresh token", grant.Reply.Got())
			return nil
		}
		reply, err := a.RefreshWith(grant.Role, grant.Value(client.Refresh), "with the refresh token of a refresh")
		if err != nil {
			return err
		}
		a.Succeeds(reply)
		return nil
	}, op.Success)
	kinds := []string{client.Access}
	if refresh, ok := s.Dialect.Token(client.Refresh); ok && refresh.Rotation != specs.RotationUnspecified {
		kinds = append(kinds, client.Refresh) // where rotation is not promised, the same one may come back
	}
	for _, kind := range kinds {
		book.Never("same-"+kind, "a refresh never hands back the same "+kind+" token", func(a *scene.Act) error {
			grant, err := a.Grant("")
			if err != nil {
				return err
			}
			reply, err := a.Refresh(grant)
			if err != nil {
				return err
			}
			if !reply.Succeeded() {
				return engine.CouldNotRun("the refresh did not succeed: %s", reply.Got())
			}
			if reply.Tokens[kind] == grant.Value(kind) {
				a.Found(reply, "a new "+kind+" token", "the one from before")
			}
			return nil
		}, op.Success)
	}
	return book.Cases
}
