package app_test

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"gonogo/reference"
)

func TestServeSaysWhatItIs(t *testing.T) {
	t.Parallel()
	s := serve(t)
	o := s.stop()
	o.exits(t, 0,
		"start    "+s.api+"/  what is here, for a browser", "api      "+s.api, "control  "+s.control,
		"kitchenhub", "  primary  id khub-client-juniper  secret Zq4vTundra8mOrchard2kLantern",
		"kitchenmonki", "  user     name marguerite.fennel  password Yk9wCanyon5gMarble3zSparrow",
		"  gonogo check --target "+s.file("kitchenhub"), "  gonogo check --target "+s.file("kitchenmonki"),
		"TEST ONLY. Ctrl-C ends it.",
	)
	if !strings.HasPrefix(o.stderr, "TEST ONLY: reference server for kitchenhub, kitchenmonki, b2b, pos, oauth2. It keeps nothing and its accounts are public.\n") {
		t.Errorf("it does not say what it is:\n%s", o)
	}
	if _, err := http.Get(s.api); err == nil {
		t.Error("it still answers")
	}
}

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	taken := serve(t, "kitchenhub")
	address := strings.TrimPrefix(taken.api, "http://")
	for _, c := range []struct {
		args     []string
		code     int
		sentence string
	}{
		{[]string{"--defect", "kitchenhub-refresh-repaly"}, 2, `unknown defect "kitchenhub-refresh-repaly"; the nearest are kitchenhub-refresh-replay, `},
		{[]string{"--liberty", "kitchenhub-single-sesion"}, 2, `unknown liberty "kitchenhub-single-sesion"; the nearest are kitchenhub-single-session, `},
		{[]string{"kitchenmonki", "--defect", "kitchenhub-refresh-replay"}, 2, `defect "kitchenhub-refresh-replay" belongs to kitchenhub, which is not served (served: kitchenmonki)`},
		{[]string{"kitchenhab"}, 2, `the reference server does not speak "kitchenhab"; it speaks kitchenhub, kitchenmonki, b2b, pos, oauth2`},
		{[]string{"kitchenhub", "kitchenhub"}, 2, `dialect "kitchenhub" is named twice`},
		{[]string{"--listen", "0.0.0.0:0"}, 2, `the listen address "0.0.0.0:0" is not on loopback; the accounts of this test server are public, so it takes --expose`},
		{[]string{"--control", "0.0.0.0:0"}, 2, `the control address "0.0.0.0:0" is not on loopback; whoever reaches the control API owns the server, so it stays there`},
		{[]string{"--listen", "8080"}, 2, `the listen address "8080": want host:port, like 127.0.0.1:8080`},
		{[]string{"--listen", address}, 3, "cannot listen: listen tcp " + address + ": bind: address already in use"},
		{[]string{"--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "10.0.0.0/33"}, 2, `--trusted-proxy "10.0.0.0/33" is neither an address nor a CIDR; write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32`},
		{[]string{"--delay", "-1s"}, 2, `the delay -1s is negative`},
		{[]string{"--seed-file", "/nowhere.yaml"}, 2, "seed file: open /nowhere.yaml: no such file or directory"},
		{[]string{"--targets", "/dev/null/x"}, 2, `--targets /dev/null/x: mkdir /dev/null: not a directory`},
	} {
		o := gonogo(t, append([]string{"serve"}, c.args...)...)
		if o.code != c.code || !strings.HasPrefix(o.stderr, "gonogo: "+c.sentence) || strings.Count(o.stderr, "\n") != 1 || o.stdout != "" {
			t.Errorf("%q: exit %d and %q are wanted, not\n%s", c.args, c.code, c.sentence, o)
		}
	}
}

func TestAnExposedServerSaysSo(t *testing.T) {
	t.Parallel()
	for address, exposed := range map[string]bool{"0.0.0.0:0": true, "127.0.0.1:0": false} {
		said := serve(t, "kitchenhub", "--listen", address, "--expose").stop().stdout
		if strings.Contains(said, "\nexposed  http://") != exposed || strings.Contains(said, "\nWARNING: ") != exposed {
			t.Errorf("%s: it says\n%s", address, said)
		}
	}
}

func TestServeListsItsQuirks(t *testing.T) {
	t.Parallel()
	for flag, quirks := range map[string][]reference.Quirk{"--defect": reference.Defects(), "--liberty": reference.Liberties()} {
		o := gonogo(t, "serve", flag, "list")
		o.exits(t, 0)
		if n := strings.Count(o.stdout, "\n"); n != len(quirks) {
			t.Errorf("%s list has %d lines for %d", flag, n, len(quirks))
		}
		lines := map[string]bool{}
		for line := range strings.Lines(o.stdout) {
			lines[strings.Join(strings.Fields(line), " ")] = true
		}
		for _, q := range quirks {
			if !lines[strings.Join(strings.Fields(q.ID+" "+q.Requirement+" "+q.Text), " ")] {
				t.Errorf("%s list has no %s", flag, q.ID)
			}
		}
		all := gonogo(t, append([]string{"serve", flag, "list"}, reference.Dialects()...)...)
		if all.stdout != o.stdout {
			t.Errorf("%s list of all dialects is not the whole list", flag)
		}
		one := gonogo(t, "serve", "kitchenhub", flag, "list")
		if one.code != 0 || strings.Contains(one.stdout, "kitchenmonki-") || !strings.Contains(one.stdout, "kitchenhub-") {
			t.Errorf("%s list of kitchenhub is\n%s", flag, one)
		}
	}
	gonogo(t, "serve", "kitchenhab", "--defect", "list").exits(t, 2)
}

func TestServeWithoutControl(t *testing.T) {
	t.Parallel()
	s := serve(t, "--control", "off")
	if s.control != "" {
		t.Errorf("there is a control API at %s", s.control)
	}
	for _, dialect := range dialects {
		if text := contents(t, s.file(dialect)); strings.Contains(text, "clock:") || strings.Contains(text, "operator:") {
			t.Errorf("the target file speaks of controls:\n%s", text)
		}
	}
}

func TestLibertiesPassThroughTheFrontDoor(t *testing.T) {
	t.Parallel()
	for dialect, liberties := range map[string][]string{
		"kitchenhub":   {"single-session", "hands-out-again", "rate-limit", "revoke-on-replay", "connection-close"},
		"kitchenmonki": {"single-session", "unavailable", "remembers-consent", "refusal-burns-code", "three-steps"},
		"pos":          {"refresh-early-refused refresh-brief"}, // together: when a second refresh is too early nothing says
	} {
		for _, together := range liberties {
			t.Run(dialect+"-"+together, func(t *testing.T) {
				t.Parallel()
				args := []string{dialect}
				for liberty := range strings.FieldsSeq(together) {
					args = append(args, "--liberty", dialect+"-"+liberty)
				}
				s := serve(t, args...)
				gonogo(t, "check", "--target", s.file(dialect)).exits(t, 0)
			})
		}
	}
}

func TestServeTakesAccountsOfItsOwn(t *testing.T) {
	t.Parallel()
	seeds := written(t, "seeds.yaml", `clients:
  - {dialect: kitchenhub, role: primary, client_id: our-own, client_secret: "a secret: of {our} own"}
`)
	s := serve(t, "kitchenhub", "--seed-file", seeds)
	if !strings.Contains(contents(t, s.file("kitchenhub")), "our-own") {
		t.Error("the target file does not name the account")
	}
	gonogo(t, "check", "--target", s.file("kitchenhub")).exits(t, 0)
}

func TestServeAsAProcessOfItsOwn(t *testing.T) {
	t.Parallel()
	tool, dir := binary(t), t.TempDir()
	targets := filepath.Join(dir, "targets") // it makes the folder
	cmd := exec.Command(tool, "serve", "--targets", targets)
	out := watch("TEST ONLY. Ctrl-C ends it.\n")
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-out.seen:
	case err := <-ended:
		t.Fatalf("serve ended: %v: %s", err, stderr.String())
	}
	s := &served{dir: targets}
	s.places(out.String())
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(targets, "target.schema.json"))
	if err != nil {
		t.Fatalf("the schema beside the target files: %v", err)
	}
	for _, dialect := range dialects {
		info, err := os.Stat(s.file(dialect))
		var written any
		text, _ := os.ReadFile(s.file(dialect))
		if _ = yaml.Unmarshal(text, &written); schema.Validate(written) != nil || !bytes.HasPrefix(text, []byte("# yaml-language-server: $schema=target.schema.json\n")) {
			t.Errorf("an editor complains of %s: %v", s.file(dialect), schema.Validate(written))
		}
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the target file, which holds secrets, has %v, %v", info, err)
		}
	}
	// all targets have one control, and take turns
	file := filepath.Join(dir, "r.json")
	check := exec.Command(tool, "check", "--report", "json="+file)
	for _, dialect := range slices.Backward(dialects) {
		check.Args = append(check.Args, "--target", s.file(dialect))
	}
	check.Env = append(os.Environ(), "CI=", "HTTP_PROXY=", "http_proxy=", "PATH=", "CHROME_BIN=") // no browser, as the embedded one
	if text, err := check.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	_, embedded := whole(t)
	report := reportIn(t, file)
	sameVerdicts(t, "embedded and another process", embedded, report)
	for i, d := range report.Dialects {
		if d.ID != dialects[len(dialects)-1-i] {
			t.Errorf("the report does not keep the order of the targets: %s is number %d", d.ID, i)
		}
	}
	idle, err := net.Dial("tcp", strings.TrimPrefix(s.api, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idle.Close() }()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("SIGTERM ends it with %v: %s", err, stderr.String())
	}
}
