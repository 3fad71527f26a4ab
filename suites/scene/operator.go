package scene

import (
	"context"
	"io"
	"net/http"
	"strings"

	"gonogo/internal/target"
	"gonogo/suites/engine"
)

// RotateSecret has the operator make a new secret for a role, and acts with it from now on. Where the answer
// names the client beside the secret, its id may have changed too.
func (a *Act) RotateSecret(role, field string) error {
	call := a.Target.Operator.RotateSecret
	if call == nil {
		return engine.NotExercised("the target file has no operator.rotate_secret")
	}
	body, err := a.operate(a.ctx, *call, role)
	if err != nil {
		return engine.CouldNotRun("operator.rotate_secret failed: %v", err)
	}
	secret, ok := call.Result.Text(body)
	if !ok || secret == "" {
		return engine.CouldNotRun("the answer of operator.rotate_secret has no text at %s", call.Result)
	}
	a.Secret(field, secret)
	if credential, ok := a.Dialect.Credential(role); ok && len(credential.Fields) > 0 && credential.Fields[0] != field {
		if id, ok := besides(call.Result, credential.Fields[0]).Text(body); ok && id != "" {
			a.SetField(role, credential.Fields[0], id)
		}
	}
	a.SetField(role, field, secret)
	return nil
}

// besides is the member of another name next to the one that an expression names.
func besides(e target.Expression, name string) target.Expression {
	text := string(e)
	return target.Expression(text[:strings.LastIndexByte(text, '/')+1] + name)
}

// RestoreSecret puts a role's secret back as the target file has it, where the operator can. It is done even
// after an interrupt: the next run needs it.
func (a *Act) RestoreSecret(role, field string) {
	call := a.Target.Operator.RestoreSecret
	if call == nil {
		return
	}
	if _, err := a.operate(context.WithoutCancel(a.ctx), *call, role); err == nil {
		for name, value := range a.Target.Credentials[role].Fields {
			a.SetField(role, name, value)
		}
	}
}

// operate calls a control of the operator. It is no part of the API under test, so it is no evidence.
func (a *Act) operate(ctx context.Context, call target.Call, role string) ([]byte, error) {
	values := map[string]string{}
	for name, value := range a.Target.Credentials[role].Fields {
		values[name] = value
	}
	if credential, ok := a.Dialect.Credential(role); ok {
		values[credential.Fields[0]] = a.Credential(role, credential.Fields[0])
	}
	req, err := call.Request(ctx, values)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: a.Target.Limits.Timeout}
	response, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil && response.StatusCode/100 != 2 {
		err = engine.CouldNotRun("it answered %s", response.Status)
	}
	return body, err
}
