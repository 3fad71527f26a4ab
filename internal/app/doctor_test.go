package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gonogo/reports"
	"gonogo/reports/words"
)

// toldNext is the command that a text says to call next.
var toldNext = regexp.MustCompile(`(?m)(?:and then|Next): gonogo (.+)$`)

// unset is a variable that a file names and the environment has not.
var unset = regexp.MustCompile(`environment variable ([A-Z_]+), which is not set`)

// TestFromCredentialsToAVerdict does what each command says to do next, and knows nothing but the credentials.
func TestFromCredentialsToAVerdict(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"kitchenhub", "kitchenmonki"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := serve(t, dialect)
			known, env := variables(t, s.file(dialect)), map[string]string{}
			file := filepath.Join(t.TempDir(), "target.yaml")
			o := gonogo(t, "init", dialect, "-o", file)
			var commands []string
			for range 4 {
				if o.code == 2 { // each variable that is missing is named
					for _, name := range unset.FindAllStringSubmatch(o.stderr, -1) {
						if env[name[1]] = known[name[1]]; env[name[1]] == "" {
							t.Fatalf("nobody knows %s of\n%s", name[1], o)
						}
					}
				} else {
					next := toldNext.FindStringSubmatch(o.stdout)
					if o.code != 0 || next == nil {
						t.Fatalf("nothing is said to do next in\n%s", o)
					}
					commands = append(commands, next[1])
				}
				o = gonogoIn(t.Context(), env, strings.Fields(commands[len(commands)-1])...)
				if strings.HasPrefix(commands[len(commands)-1], "check ") {
					break
				}
			}
			if want := "doctor " + file + "\ncheck --target " + file; strings.Join(commands, "\n") != want {
				t.Errorf("the commands were\n%s\nwant\n%s", strings.Join(commands, "\n"), want)
			}
			if o.code != 0 || !strings.Contains(o.stdout, "\nGO: ") {
				t.Errorf("there is no verdict in\n%s", o)
			}
		})
	}
}

// oneLine is what doctor says in one line, however it is wrapped and named.
func oneLine(o outcome) string { return strings.Join(strings.Fields(o.stdout), " ") }

func TestDoctorOfTargetsThatAreRight(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for dialect, want := range map[string][]string{
		"kitchenhub":   {"✓ credentials second POST /v2/auth/token as second is answered 200 OK", "✓ clock control moved by 3s, and the Date of answers followed", "✓ operator somebody is at 127.0.0.1:"},
		"kitchenmonki": {"✓ redirect URI second GET /authorize", "✓ consent the user signed in and approved (consent.mode form), and the code got tokens"},
		"b2b":          {"✓ credentials listed POST /auth/login as listed is answered 200 OK", "✓ outsider from the second address the target answers 401 Unauthorized"},
		"pos":          {"for an account that was made for this (credentials.user would name one that is there)", "- use of a token POST /ingredients may leave something behind"},
		"oauth2":       {"✓ redirect URI public", "✓ use of a token GET /resource takes a fresh access token"},
	} {
		before := s.requests(t)
		o := gonogo(t, "doctor", s.file(dialect))
		o.exits(t, 0)
		sent := s.requests(t) - before
		for _, each := range append(want, "✓ reach", "✓ answers", "✓ credentials primary", "check would run", "READY: after "+words.Count(sent, "request")) {
			if !strings.Contains(oneLine(o), each) {
				t.Errorf("%s: %q is not in\n%s", dialect, each, o)
			}
		}
		if sent > 20 {
			t.Errorf("%s: %d requests were sent", dialect, sent)
		}
		secrets := variables(t, s.file(dialect))
		for name, value := range secrets {
			if (strings.HasSuffix(name, "SECRET") || strings.HasSuffix(name, "PASSWORD")) && strings.Contains(o.String(), value) {
				t.Errorf("%s: %s is told", dialect, name)
			}
		}
	}
}

func TestDoctorKnowsMillisecondsWhenItSeesThem(t *testing.T) {
	t.Parallel()
	const hint = "lives for 3600000 seconds, which are 41 days: that looks like milliseconds"
	for _, c := range []struct {
		quirk []string
		told  bool
	}{{[]string{"--defect", "pos-expires-in-milliseconds"}, true}, {[]string{"--liberty", "pos-expires-in-86400"}, false}} {
		o := gonogo(t, "doctor", serve(t, append([]string{"pos"}, c.quirk...)...).file("pos"))
		if o.exits(t, 0); strings.Contains(oneLine(o), hint) != c.told {
			t.Errorf("%v:\n%s", c.quirk, o)
		}
	}
}

// TestDoctorForeseesWhatCheckLeavesOut: without a clock control and with little patience a check waits for little, and says of each
// case that would wait for how long. Doctor says before how many they are, and with which patience they would run.
func TestDoctorForeseesWhatCheckLeavesOut(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, dialect := range []string{"kitchenhub", "b2b", "oauth2"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			file := edited(t, s.file(dialect), func(f fields) {
				delete(f, "clock")
				limit(f, fields{"max_wait": "3s"})
			})
			o := gonogo(t, "doctor", file)
			o.exits(t, 0)
			var patience time.Duration
			for _, with := range regexp.MustCompile(`limits: \{max_wait: (\S+)\}`).FindAllStringSubmatch(oneLine(o), -1) {
				longer, err := time.ParseDuration(with[1])
				if patience = max(patience, longer); err != nil {
					t.Error(err)
				}
			}
			_, report := checked(t, "--target", file, "--label-filter", "time")
			left := 0
			for _, c := range report.Dialects[0].Cases {
				if c.Outcome != reports.NotExercised {
					continue
				}
				left++
				if wait := regexp.MustCompile(`takes a wait of (\S+)[;,]`).FindStringSubmatch(c.Reason); wait != nil {
					if takes, err := time.ParseDuration(wait[1]); err != nil || takes > patience {
						t.Errorf("%s: %s; doctor said %s", c.ID, c.Reason, patience)
					}
				}
			}
			if want := fmt.Sprintf("it would leave out %d cases:", left); left == 0 || !strings.Contains(oneLine(o), want) {
				t.Errorf("%q is not in\n%s", want, o)
			}
		})
	}
}

// TestDoctorSaysWhatIsWrong: each target file is wrong in one thing, or the server is that it speaks of, and has its sentence.
func TestDoctorSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := serve(t)
	secure, ca := encrypted(t, s.api)
	primary := func(f fields) fields { return f["credentials"].(fields)["primary"].(fields) }
	at := func(address string) func(fields) {
		return func(f fields) { f["base_url"] = address; delete(f, "servers") }
	}
	certified := func(template *x509.Certificate) func(fields) {
		return func(f fields) {
			address, file := certifiedAs(t, s.api, template)
			f["base_url"], f["tls"] = address, fields{"ca_file": file}
		}
	}
	plain := strings.TrimPrefix(s.api, "http://")
	for _, c := range []struct {
		name, dialect string
		change        func(fields)
		code          int
		want          string
	}{
		{"wrong port", "kitchenhub", at("http://" + closedPort(t)), 3, "(connection refused); start the server, or mend the port"},
		{"unknown name", "kitchenhub", at("http://nobody.invalid"), 3, "✗ reach nobody.invalid: this machine finds no address of the name nobody.invalid"},
		{"https to http", "kitchenhub", at("https://" + plain), 3, "the port answers in the clear and not by TLS; write http:// instead of https://"},
		{"http to https", "kitchenhub", at(strings.Replace(secure, "https:", "http:", 1)), 3, "✗ answers the port speaks TLS and was asked in the clear; write https:// instead of http:// in base_url"},
		{"unknown authority", "kitchenhub", at(secure), 3, "was signed by O=Acme Co, whom this machine does not trust; give the authority's certificate as tls: {ca_file: ca.pem}"},
		{"expired certificate", "kitchenhub", certified(&x509.Certificate{NotAfter: time.Now().Add(-25 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}), 3, "the certificate of 127.0.0.1 expired on " + time.Now().Add(-25*time.Hour).UTC().Format(time.DateOnly)},
		{"certificate of another", "kitchenhub", certified(&x509.Certificate{NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"stage.example.com"}}), 3, "the certificate is for stage.example.com and not for 127.0.0.1; name the host as the certificate does"},
		{"certificate that ends soon", "kitchenhub", certified(&x509.Certificate{NotAfter: time.Now().Add(50 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}), 0, "(2 days): have it renewed"},
		{"good certificate", "kitchenhub", func(f fields) { f["base_url"], f["tls"] = secure, fields{"ca_file": ca} }, 0, "certificate for example.com, *.example.com, 127.0.0.1, ::1 by O=Acme Co, chain of 1, good until "},
		{"dead proxy", "kitchenhub", func(f fields) { f["proxy"] = "http://" + closedPort(t) }, 3, "it is reached through the proxy 127.0.0.1:"},
		{"another kind of server", "kitchenhub", at(answering(t, http.NotFoundHandler())), 3, "- the rest not tried after that: credentials second, use of a token"},
		{"server that hangs", "kitchenhub", func(f fields) { at(answering(t, hanging))(f); limit(f, fields{"timeout": "300ms"}) }, 3, "nothing came within 300ms; see what listens at 127.0.0.1:"},
		{"server that moved", "kitchenhub", at(answering(t, http.RedirectHandler("https://new.example.com/hub", http.StatusMovedPermanently))), 3, "and sent to https://new.example.com/hub; write that address in base_url"},
		{"wrong base path", "kitchenhub", at(s.api + "/hub"), 3, "the target has no POST /hub/v2/auth/token: it was answered 404 Not Found; check base_url in the target file"},
		{"wrong secret", "kitchenhub", func(f fields) { primary(f)["client_secret"] = "certainly-not-the-right-one" }, 3, "✗ credentials primary the target refuses the primary credentials: POST /v2/auth/token was answered 401 Unauthorized; check credentials.primary"},
		{"another client's id", "kitchenmonki", func(f fields) { primary(f)["client_id"] = "monki-client-cobalt" }, 3, "check credentials.primary in the target file ✓ credentials second"},
		{"second's secret wrong", "kitchenhub", func(f fields) { f["credentials"].(fields)["second"].(fields)["client_secret"] = "certainly-not-it" }, 3, "✗ credentials second POST /v2/auth/token as second is answered 401 Unauthorized; check credentials.second"},
		{"user's password wrong", "kitchenmonki", func(f fields) { f["credentials"].(fields)["user"].(fields)["password"] = "certainly-not-it" }, 3, "check credentials.user in the target file"},
		{"redirect URI not registered", "kitchenmonki", func(f fields) { primary(f)["redirect_uri"] = "https://www.example.com/elsewhere" }, 3, "the server wants credentials.primary.redirect_uri letter for letter as this client registered it"},
		{"outsider of another machine", "b2b", func(f fields) { f["outsider"] = fields{"local_address": "203.0.113.9"} }, 3, "✗ outsider outsider.local_address is no address of this machine"},
		{"dead clock control", "kitchenhub", func(f fields) {
			f["clock"] = fields{"advance": fields{"url": "http://" + closedPort(t) + "/clock", "body": `{"advance":"${duration}"}`}}
		}, 3, "✗ clock control the target's clock cannot be moved: "},
		{"clock control elsewhere", "kitchenhub", func(f fields) {
			f["clock"] = fields{"advance": fields{"url": s.control + "/clock", "body": `{"advance":"${duration}"}`}}
		}, 3, "the clock control answered 404 Not Found; check clock.advance in the target file"},
		{"revocation elsewhere", "b2b", func(f fields) { f["settings"].(fields)["revoke_path"] = "/auth/revoke" }, 3, "✗ revocation path POST /auth/revoke without a token is answered 404 Not Found; check settings.revoke_path in the target file"},
		{"revocation", "b2b", func(fields) {}, 0, "✓ revocation path POST /auth/logout without a token is answered 401 Unauthorized"},
		{"dead operator", "kitchenhub", func(f fields) {
			f["operator"] = fields{"rotate_secret": fields{"url": "http://" + closedPort(t), "body": "{}", "result": "$response.body#/client_secret"}}
		}, 3, "✗ operator nothing listens at "},
		{"skewed clock", "kitchenhub", func(f fields) { at(skewed(t, s.api, 3*time.Minute))(f); delete(f, "clock") }, 0, "ahead of the clock here; check reckons with that, clients may not: see which of the two is off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := gonogo(t, "doctor", "--target", edited(t, s.file(c.dialect), c.change))
			if o.code != c.code || !strings.Contains(oneLine(o), c.want) {
				t.Errorf("exit %d and %q are wanted of\n%s", c.code, c.want, o)
			}
			if in := strings.Contains(o.stdout, "\nIN THE WAY: "); in != (c.code == 3) {
				t.Errorf("what is in the way is not told in\n%s", o)
			}
		})
	}
}

// TestDoctorWithoutATarget: what is wrong before anything is sent.
func TestDoctorWithoutATarget(t *testing.T) {
	t.Parallel()
	gonogo(t, "doctor").refuses(t, "name what to try: a target file (gonogo init DIALECT writes one), or the address of an issuer")
	file := written(t, "t.yaml", "dialect: kitchenhub\nbase_url: nowhere\n")
	gonogo(t, "doctor", file).complains(t, file+":2: base_url is not an absolute URL")
	o := gonogo(t, "doctor", "kitchenhub")
	o.exits(t, 0)
	if !strings.Contains(o.stdout, "Next: gonogo check kitchenhub\n") {
		t.Errorf("the reference server is not tried in\n%s", o)
	}
	s := serve(t, "oauth2")
	o = gonogo(t, "doctor", s.api, "--client-id", "oauth-client-larch", "--client-secret", variables(t, s.file("oauth2"))["PRIMARY_CLIENT_SECRET"])
	if o.exits(t, 0); !strings.Contains(oneLine(o), "5 cases --second-id and --second-secret") {
		t.Errorf("an issuer's flags are not told in\n%s", o)
	}
}

// TestDoctorIsInterrupted: what was not tried is in nobody's way.
func TestDoctorIsInterrupted(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	ctx, cancel := context.WithCancel(t.Context())
	address := answering(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		hanging(w, r)
	}))
	o := gonogoIn(ctx, nil, "doctor", edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = address }))
	if o.code != 3 || !strings.Contains(o.stdout, "INTERRUPTED: not everything was tried\n") || strings.Contains(o.stdout, "✗") {
		t.Errorf("an interrupted doctor says\n%s", o)
	}
}

// hanging answers nothing.
var hanging http.HandlerFunc = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// answering is the address of a server that answers everything alike.
func answering(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// skewed is a server whose Date is ahead.
func skewed(t *testing.T, backend string, by time.Duration) string {
	t.Helper()
	proxy := proxyTo(t, backend, "")
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
		return nil
	}
	return answering(t, proxy)
}

// certifiedAs is a server with a certificate of its own making, which is its own authority.
func certifiedAs(t *testing.T, backend string, template *x509.Certificate) (address, caFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore = big.NewInt(1), time.Now().Add(-99*time.Hour)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageDigitalSignature
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(proxyTo(t, backend, ""))
	s.Config.ErrorLog = quietLog()
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL, written(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})))
}
