package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"gonogo/internal/target"
)

// Controls are services of the operator beside the API: one moves the target's clock, others make a new secret and put
// the old one back. What is sent to them is no evidence and counts for nothing.

// Leeway is how long after its announced end an access token may live: targets whose clocks may differ grant each other a
// minute.
const Leeway = 65 * time.Second

// Lingers is how long after its announced end a token that lives so long may still be taken: up to Leeway, and less where that is
// much of its life.
func Lingers(lifetime time.Duration) time.Duration {
	return min(max(lifetime/10, time.Second), Leeway)
}

// MoveClock asks the target's clock control for a step, and reckons with it from then on.
func (c *Connection) MoveClock(ctx context.Context, by time.Duration) error {
	_, err := control(ctx, c.target, c.target.Clock.Advance, map[string]string{
		"duration": by.String(), "duration_seconds": fmt.Sprint(int64(by / time.Second)),
	}, "the clock control")
	if err == nil {
		c.moved.Add(int64(by))
	}
	return err
}

// ClockUnit is what a clock control can be moved by: a second when the call says whole seconds. Otherwise a millisecond,
// for a clock may count in those, and truncate.
func ClockUnit(clock *target.Clock) time.Duration {
	if clock.Advance.Takes("duration_seconds") {
		return time.Second
	}
	return time.Millisecond
}

// control calls a control. A connection is never used twice: a call that is lost on a stale one could not be repeated,
// for nobody would know whether it was acted on.
func control(ctx context.Context, t *target.Target, call target.Call, values map[string]string, name string) ([]byte, error) {
	req, err := call.Request(ctx, values)
	if err != nil {
		return nil, err
	}
	client := &http.Client{CheckRedirect: stay, Timeout: t.Limits.Timeout, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}}
	response, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s answered %s", name, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, 1<<20))
}

// stay follows no redirect: what a control is told is for nobody else.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// RotateSecret has the operator make a new secret for a role, and acts with it from now on. Where the answer names the
// client beside the secret, its id may have changed too.
func (c *Client) RotateSecret(ctx context.Context, role, field string) error {
	call := c.Target.Operator.RotateSecret
	if call == nil {
		return notGranted("the target file has no operator.rotate_secret")
	}
	body, err := c.operate(ctx, *call, role)
	if err != nil {
		return broken("operator.rotate_secret failed: %v", err)
	}
	secret, ok := call.Result.Text(body)
	if !ok || secret == "" {
		return broken("the answer of operator.rotate_secret has no text at %s", call.Result)
	}
	c.Secret(field, secret)
	if credential, ok := c.Dialect.Credential(role); ok && len(credential.Fields) > 0 && credential.Fields[0] != field {
		if id, ok := besides(call.Result, credential.Fields[0]).Text(body); ok && id != "" {
			c.SetField(role, credential.Fields[0], id)
		}
	}
	c.SetField(role, field, secret)
	return nil
}

// besides is the member of another name next to the one that an expression names.
func besides(e target.Expression, name string) target.Expression {
	text := string(e)
	return target.Expression(text[:strings.LastIndexByte(text, '/')+1] + name)
}

// RestoreSecret puts a role's secret back as the target file has it, where the operator can.
func (c *Client) RestoreSecret(ctx context.Context, role string) {
	call := c.Target.Operator.RestoreSecret
	if call == nil {
		return
	}
	if _, err := c.operate(ctx, *call, role); err == nil {
		for name, value := range c.Target.Credentials[role].Fields {
			c.SetField(role, name, value)
		}
	}
}

// operate calls a control with the fields of a role, and with its name as it is now.
func (c *Client) operate(ctx context.Context, call target.Call, role string) ([]byte, error) {
	values := map[string]string{}
	for name, value := range c.Target.Credentials[role].Fields {
		values[name] = value
	}
	if credential, ok := c.Dialect.Credential(role); ok {
		values[credential.Fields[0]], _ = c.Credential(role, credential.Fields[0])
	}
	return control(ctx, c.Target, call, values, "it")
}
