package load

import (
	"context"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
)

// other is the role of another client.
const other = "second"

// tryApart has the account of the run and another log in one right after the other, before an attack that logs in: the clients of an
// attack are all of one account, so that a server that remembers an answer, and not whose it was, would never be seen.
func (a *account) tryApart(ctx context.Context) error {
	c := a.offer.issue
	if c.byCode() {
		return nil
	}
	args, had, err := a.another(ctx)
	if err != nil || !had {
		return err
	}
	for range pairs / 2 {
		own, err := a.insist(ctx, c)
		if err != nil {
			return err
		}
		reply, err := a.sendWith(ctx, c.op, args)
		if err != nil {
			return err
		}
		a.remember(c, own)
		if !reply.Succeeded() {
			a.ledger.note("another account could not log in (%s was answered %s), so nobody saw whether two accounts are handed tokens of their own", c.op.Name(), reply.Got())
			return nil
		}
		if access, refresh := client.Same(own, a.client.Read(args.Role, reply)); access || refresh {
			a.ledger.violated(finding{
				violation: swapped, call: c, row: "ANY-UNIQUE", why: "as another account, right after the account of this run",
				wanted: "tokens of its own", got: reply.Got() + " that the account of this run was handed",
			}, func() *exchange.Exchange { return reply.Exchange })
			return nil
		}
	}
	return nil
}

// another is how another account logs in: one that registers for it, as the run's own did, else the second of the target file.
func (a *account) another(ctx context.Context) (args operation.Args, had bool, err error) {
	if a.own() {
		fields := a.client.NewAccount()
		made, err := a.client.Register(ctx, fields, "to have another account")
		if err != nil || !made.Succeeded() {
			return args, false, a.short(ctx, "the registration of another account", err)
		}
		return operation.Args{Fields: fields}, true, nil
	}
	return operation.Args{Role: other}, len(a.offer.target.Credentials[other].Fields) > 0, nil
}
