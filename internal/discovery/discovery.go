// Package discovery asks an issuer what it says of itself, and makes a target file of that: where its operations are, and
// which it does not have.
//
// Where to ask and how to read the answer stands in a document's operations of role metadata. The package must never know a
// dialect, nor how anything is checked.
package discovery

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/exchange"
	"gonogo/internal/target"
	"gonogo/reports/words"
	"gonogo/specs"
)

// Found is what an issuer said.
type Found struct {
	At     string      // where
	File   target.File // what can be read from it: no credentials
	Places []Place     // of the document's operations, in its order
}

// Place is an operation, or one of its variants, and where it is.
type Place struct {
	Name string
	URL  string // empty: the issuer does not say that it has it
	Why  string // why not
}

// Unreachable is an error that says nothing of the issuer's metadata.
type Unreachable struct{ error }

// Issuer reads an address that somebody names an issuer by. Over http only this machine is asked: whoever is on the way could
// send a client's secret anywhere.
func Issuer(written string) (*url.URL, error) {
	u, err := url.Parse(written)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%s is no address of an issuer; write one like https://login.example.com", words.Plain(written))
	case u.User != nil:
		return nil, errors.New("the issuer's address has a user or a password in it; credentials have flags of their own")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%s has a query or a fragment, which no issuer has (RFC 8414 section 2)", words.Plain(written))
	case u.Scheme == "http" && !target.LoopbackHost(u):
		return nil, fmt.Errorf("%s is not https, and metadata that came over http could have anybody's endpoints in them; only an issuer on this machine may be asked so (a target file can name its endpoints)", words.Plain(written))
	}
	return u, nil
}

// Ask asks an issuer for its metadata in each of the places that the document has for them, and reads the first that are some.
func Ask(ctx context.Context, d *specs.Dialect, issuer string) (*Found, error) {
	at, err := Issuer(issuer)
	if err != nil {
		return nil, err
	}
	nobody := &target.Target{Limits: target.DefaultLimits()}
	transport, err := nobody.Transport()
	if err != nil {
		return nil, err
	}
	client := exchange.NewClient(exchange.Options{Transport: transport, Timeout: nobody.Limits.Timeout, Patience: nobody.Limits.MaxWait})
	defer client.Close()
	var tried []string
	for _, op := range d.ByRole(specs.RoleMetadata) {
		place := op.MetadataURL(at).String()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", "application/json")
		x, err := client.Send(ctx, req)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, Unreachable{fmt.Errorf("%s cannot be asked for metadata: %s", place, words.Plain(why(x, err)))}
		}
		said, wrong := read(x)
		if wrong != "" {
			tried = append(tried, "GET "+place+" "+wrong)
			continue
		}
		if err := sameIssuer(op, said, issuer, place); err != nil {
			return nil, err
		}
		return found(d, op, said, issuer, place)
	}
	return nil, fmt.Errorf("%s has no metadata: %s; if it has endpoints all the same, name them in a target file: dialect: %s, base_url, and endpoints: {%s: https://…} (gonogo init %s writes one)",
		words.Plain(issuer), strings.Join(tried, "; "), d.ID, operationOf(d), d.ID)
}

// why is the reason of an error of exchange.Client, as people know it.
func why(x *exchange.Exchange, err error) string {
	if silent, ok := errors.AsType[*exchange.NoAnswer](err); ok {
		err = silent.Cause
	}
	if x != nil && x.Err != nil {
		err = x.Err
	}
	return err.Error()
}

// operationOf is an operation whose place a target file can name.
func operationOf(d *specs.Dialect) string {
	for _, op := range d.Operations {
		if op.Role != specs.RoleMetadata && op.Doc != nil {
			return cmp.Or(op.Doc.OperationID, op.ID)
		}
	}
	return "operation"
}

// read takes the metadata out of an answer; wrong says why there are none.
func read(x *exchange.Exchange) (said any, wrong string) {
	switch {
	case x.Status >= 300 && x.Status < 400:
		return nil, fmt.Sprintf("redirects (%d) to %s, where nobody is asked", x.Status, cmp.Or(words.Plain(x.Header.Get("Location")), "nowhere"))
	case x.Status != http.StatusOK:
		return nil, fmt.Sprintf("is answered %d %s", x.Status, http.StatusText(x.Status))
	case x.Cut || x.Oversized != "":
		return nil, fmt.Sprintf("is answered with more than %d KiB", exchange.MaxBody>>10)
	}
	var object map[string]any
	if json.Unmarshal(x.Body, &object) != nil || object == nil {
		return nil, "is answered with something that is no JSON object"
	}
	return object, ""
}

// sameIssuer wants metadata to be those of who was asked, letter by letter: others must not be used (RFC 8414 section 3.3).
func sameIssuer(op *specs.Operation, said any, issuer, place string) error {
	value, _ := op.Metadata.Issuer.Body(said)
	named, _ := value.(string)
	switch {
	case named == issuer:
		return nil
	case named == "":
		return fmt.Errorf("the metadata at %s do not say whose they are, and so cannot be used", place)
	case strings.TrimRight(named, "/") == strings.TrimRight(issuer, "/"):
		return fmt.Errorf("the metadata at %s are those of %s; write the issuer so, for a slash counts", place, words.Plain(named))
	}
	return fmt.Errorf("the metadata at %s are those of %s and not of %s, and must not be used (RFC 8414 section 3.3); if that is the issuer, name it so", place, words.Plain(named), words.Plain(issuer))
}

// found is the target file that metadata make.
func found(d *specs.Dialect, by *specs.Operation, said any, issuer, place string) (*Found, error) {
	f := &Found{At: place, File: target.File{Dialect: d.ID, BaseURL: literal(strings.TrimRight(issuer, "/")), Endpoints: map[string]string{}}}
	if !d.BuiltIn {
		f.File.Dialect = d.File
	}
	if f.File.BaseURL != literal(issuer) {
		f.File.Settings.Issuer = literal(issuer)
	}
	if methods, _ := listAt(by.Metadata.Proofs, said); len(methods) > 0 {
		f.File.Settings.PKCE = target.PKCESupported
	}
	grants, listed := listAt(by.Metadata.Grants.At, said)
	for _, op := range d.Operations {
		if op.Role == specs.RoleMetadata {
			continue
		}
		name := cmp.Or(op.Doc.OperationID, op.ID)
		value, there := by.Metadata.Places[name].Body(said)
		address, _ := value.(string)
		switch grant := op.Fixed(by.Metadata.Grants.Input); {
		case by.Metadata.Places[name] == "":
			f.without(op, name, "no metadata tell where it is")
		case !there:
			f.without(op, name, "the metadata do not name it")
		case listed && grant != "" && !slices.Contains(grants, grant):
			f.without(op, op.ID, "the metadata do not list "+grant)
			f.File.Endpoints[name] = literal(address)
		default:
			u, err := url.Parse(address)
			if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && target.LoopbackHost(u)) {
				return nil, fmt.Errorf("the metadata at %s have %s at %s, where nobody sends credentials: no https address", place, words.Plain(fmt.Sprint(value)), by.Metadata.Places[name])
			}
			f.File.Endpoints[name] = literal(address)
			f.server(d, op, u)
			f.Places = append(f.Places, Place{Name: nameOf(op), URL: words.Plain(address)})
		}
	}
	return f, nil
}

// server places a server of the document where one of its operations is.
func (f *Found) server(d *specs.Dialect, op *specs.Operation, at *url.URL) {
	if op.Server == d.Servers[0].Name || f.File.Servers[op.Server] != "" {
		return
	}
	if f.File.Servers == nil {
		f.File.Servers = map[string]string{}
	}
	f.File.Servers[op.Server] = literal(at.Scheme + "://" + at.Host)
}

// without notes that the issuer does not have an operation, under the name that a target file says so by.
func (f *Found) without(op *specs.Operation, as, why string) {
	f.File.Endpoints[as] = "none"
	f.Places = append(f.Places, Place{Name: nameOf(op), Why: why})
}

// nameOf is what a target file calls an operation, or one of its variants.
func nameOf(op *specs.Operation) string {
	if op.Variant || op.Doc == nil {
		return op.ID
	}
	return cmp.Or(op.Doc.OperationID, op.ID)
}

// listAt are the words of a list; listed: there is one.
func listAt(at specs.Pointer, said any) (all []string, listed bool) {
	if at == "" {
		return nil, false
	}
	value, _ := at.Body(said)
	items, listed := value.([]any)
	for _, item := range items {
		all = append(all, fmt.Sprint(item))
	}
	return all, listed
}

// literal is a value as a target file has it, in which nothing is expanded: whoever wrote the metadata is to read no variable.
func literal(text string) string { return strings.ReplaceAll(text, "${", "$${") }
