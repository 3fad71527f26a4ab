package app_test

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/reports"
)

func TestWrongTargetFilesAreRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	const good = `dialect: kitchenhub
base_url: API
credentials:
  primary: {client_id: khub-client-juniper, client_secret: "Zq4vTundra8mOrchard2kLantern"}
absent: [second]
`
	for _, c := range []struct{ change, to, complaint string }{
		{"absent: [second]", "absent: [second]\ncolour: red", `6: unknown key colour; `},
		{"absent: [second]", "absent: [outsider]", `4: credentials.second is missing; add second: {client_id: …, client_secret: …}, or say absent: [second]`},
		{"Zq4vTundra8mOrchard2kLantern", "", `4: credentials.primary.client_secret is empty; `},
		{`, client_secret: "Zq4vTundra8mOrchard2kLantern"`, "", `4: credentials.primary.client_secret is missing; `},
		{"Zq4vTundra8mOrchard2kLantern", "${KH_SECRET}", `4: credentials.primary.client_secret takes its value from the environment variable KH_SECRET, which is not set; set KH_SECRET, or write the value here`},
		{"Zq4vTundra8mOrchard2kLantern", "${file:gone.txt}", `4: credentials.primary.client_secret takes its value from the file "gone.txt", which does not exist; `},
		{"base_url: API", "base_url: stage.example.com", `2: base_url is not an absolute URL (http, https); write it like https://stage.example.com`},
		{"base_url: API", "base_url: ftp://stage.example.com", `2: base_url is not an absolute URL (http, https); write it like https://stage.example.com`},
		{"base_url: API", "base_url: https://stage.example.com\ntls: {ca_file: CA}", `3: tls.ca_file "CA" `},
		{"base_url: API", "base_url: https://stage.example.com\ntls: {cert_file: c.pem}", `3: tls.cert_file `},
		{"dialect: kitchenhub", "dialect: kitchenhab", `1: there is no dialect "kitchenhab"; did you mean kitchenhub?`},
		{"absent: [second]", "absent: [second]\nwaivers: none.yaml", `6: waivers: the file "none.yaml" `},
		{"absent: [second]", "absent: [second]\nlimits: {max_wait: soon}", `6: limits.max_wait "soon" `},
	} {
		file := written(t, "vendor.yaml", strings.NewReplacer("API", s.api).Replace(strings.Replace(good, c.change, c.to, 1)))
		o := gonogo(t, "check", "--target", file)
		want := "gonogo: " + file + ":" + c.complaint
		if o.code != 2 || o.stdout != "" || !strings.HasPrefix(o.stderr, want) || !strings.HasSuffix(o.stderr, "\n") {
			t.Errorf("%s: exit 2 and %q are wanted, not\n%s", c.to, want, o)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.yaml")
	gonogo(t, "check", "--target", missing).refuses(t, "the target file "+missing+` does not exist; name a target file, or let "gonogo serve --targets DIR" write one`)
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestTwoProblemsAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	file := written(t, "vendor.yaml", "dialect: kitchenhub\nbase_url: nowhere\ncolour: red\n")
	o := gonogo(t, "check", "--target", file)
	for line := 1; line <= 3; line++ {
		if !strings.Contains(o.stderr, fmt.Sprintf("%s:%d: ", file, line)) {
			t.Errorf("line %d is not complained of in\n%s", line, o)
		}
	}
}

func TestVariablesComeFromTheEnvironment(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := edited(t, s.file("kitchenhub"), func(c fields) {
		c["credentials"].(fields)["primary"].(fields)["client_secret"] = "${KH_SECRET}"
	})
	env := map[string]string{"KH_SECRET": "Zq4vTundra8mOrchard2kLantern"}
	gonogoIn(t.Context(), env, "check", "--target", file, "--case", "*/issue/*").exits(t, 0)
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestATargetThatCannotBeReached(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	nobody := closedPort(t)
	tls, _ := encrypted(t, s.api)
	plain := strings.TrimPrefix(s.api, "http://")
	for _, c := range []struct{ name, url, proxy, why string }{
		{"closed port", "http://" + nobody, "", "dial tcp " + nobody + ": connect: connection refused"},
		{"TLS to a plain port", "https://" + plain, "", "tls: first record does not look like a TLS handshake"},
		{"own certificate", tls, "", "tls: failed to verify certificate: x509: certificate signed by unknown authority"},
		{"dead proxy", s.api, "http://" + nobody, "proxyconnect tcp: dial tcp " + nobody + ": connect: connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := edited(t, s.file("kitchenhub"), func(f fields) {
				f["base_url"] = c.url
				if c.proxy != "" {
					f["proxy"] = c.proxy
				}
			})
			o, report := checked(t, "--target", file)
			o.exits(t, 3)
			if want := "the target cannot be reached at " + c.url + ": " + c.why; report.Dialects[0].Incomplete != want || report.Dialects[0].Counts.CouldNotRun != len(report.Dialects[0].Cases) {
				t.Errorf("it says %q instead of %q", report.Dialects[0].Incomplete, want)
			}
			if !strings.HasPrefix(o.stdout[strings.LastIndex(o.stdout, "\nINCOMPLETE")+1:], "INCOMPLETE: kitchenhub: the target cannot be reached at "+c.url) {
				t.Errorf("the last line is no such sentence in\n%s", o)
			}
		})
	}
}

func TestCertificatesOfOnesOwn(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	address, ca := encrypted(t, s.api)
	for _, tls := range []fields{{"ca_file": ca}, {"insecure": true}} {
		file := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"], f["tls"] = address, tls })
		o, report := checked(t, "--target", file)
		o.exits(t, 0, "  at           "+address, goes(report.Dialects[0].Counts))
	}
}

func TestWrongCredentialsAreNoFinding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ dialect, role, field, reason string }{
		{"kitchenhub", "primary", "client_secret", "the target refuses the primary credentials: POST /v2/auth/token was answered 401 Unauthorized; check credentials.primary in the target file"},
		{"kitchenhub", "primary", "client_id", "the target refuses the primary credentials: POST /v2/auth/token was answered 401 Unauthorized; check credentials.primary in the target file"},
		{"kitchenmonki", "primary", "client_secret", "the target refuses the primary credentials: GET /v2/token/grant (grant_type=client_credentials) was answered 401 Unauthorized; check credentials.primary in the target file"},
		{"kitchenmonki", "second", "client_secret", ""},
		{"kitchenmonki", "user", "password", ""},
		{"kitchenmonki", "user", "username", ""},
	} {
		t.Run(c.dialect+" "+c.role+" "+c.field, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.dialect)
			file := edited(t, s.file(c.dialect), func(f fields) {
				f["credentials"].(fields)[c.role].(fields)[c.field] = "certainly-not-the-right-one"
			})
			o, report := checked(t, "--target", file)
			o.exits(t, 3)
			d := report.Dialects[0]
			if c.reason != "" {
				if d.Incomplete != c.reason {
					t.Errorf("it says %q", d.Incomplete)
				}
				return
			}
			hints := 0
			for _, x := range d.Cases {
				if x.Outcome == reports.CouldNotRun && strings.Contains(x.Reason, "credentials."+c.role) {
					hints++
				}
				// a refusal of what was never right shows nothing
				if c.role == "second" && strings.HasSuffix(x.ID, "/other-client") && x.Outcome == reports.Pass {
					t.Errorf("%s passes with wrong credentials.%s", x.ID, c.role)
				}
			}
			if hints == 0 {
				t.Errorf("no reason hints at credentials.%s", c.role)
			}
		})
	}
}
