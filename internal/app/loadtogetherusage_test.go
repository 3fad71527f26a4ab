package app_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTogetherUsage(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--control", "off")
	file := s.file("kitchenhub")
	secret, brief, empty := written(t, "join.secret", "Kp4mVale7xHarbour2zMeadow9qOrchid"), written(t, "brief", "word\n"), written(t, "empty", "\n")
	gone := filepath.Join(t.TempDir(), "gone")
	taken := strings.TrimPrefix(s.api, "http://")
	noSecrets := edited(t, file, func(f fields) {
		for _, credential := range f["credentials"].(fields) {
			credential.(fields)["client_secret"] = "${SECRET}"
		}
	})
	env := map[string]string{"SECRET": "nobody asks"}
	load := func(args ...string) []string { return slices.Concat([]string{"load", "--scenario", "issue"}, args) }
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{load("--target", file, "--generators", "0"), 2, "--generators 0: choose from 1 to 256"},
		{load("--target", file, "--generators", "1000"), 2, "--generators 1000: choose from 1 to 256"},
		{load("--target", file, "--generators", "2", "--out", "x.gob"), 2, "--out x.gob: several generators write a file each: have them join with gonogo generate --out FILE (--lead), or leave out --generators"},
		{load("--target", file, "--generators", "2", "--lead", ""), 2, "--lead is empty; write it like 127.0.0.1:4222"},
		{load("--target", file, "--lead", "127.0.0.1:0"), 2, "--lead 127.0.0.1:0: say how many generators are to join, such as --generators 2"},
		{load("--target", file, "--join-secret-file", secret), 2, "--join-secret-file is for generators that join elsewhere, and without --lead none does"},
		{load("--target", file, "--lead", "127.0.0.1:0", "--generators", "2"), 2, "--lead 127.0.0.1:0: give with --join-secret-file a secret that generators join by; make one by: head -c 32 /dev/urandom | base64 > join.secret"},
		{load("--target", file, "--lead", "127.0.0.1:0", "--generators", "2", "--join-secret-file", gone), 2, "--join-secret-file " + gone + ": it cannot be read: no such file or directory"},
		{load("--target", file, "--lead", "127.0.0.1:0", "--generators", "2", "--join-secret-file", empty), 2, "--join-secret-file " + empty + ": it is empty; make one by: head -c 32 /dev/urandom | base64 > " + empty},
		{load("--target", file, "--lead", "127.0.0.1:0", "--generators", "2", "--join-secret-file", secret), 2, "--lead 127.0.0.1:0: secrets stand in " + file + " (credentials.primary.client_secret, credentials.second.client_secret), and those are not sent to generators; write ${NAME} there, and set NAME where each of them runs"},
		{load("kitchenhub", "--lead", "127.0.0.1:0", "--generators", "2", "--join-secret-file", secret), 2, "--lead 127.0.0.1:0: name with --target a target that the generators can reach; the reference server of this command is for those that it starts itself"},
		{load("--target", noSecrets, "--lead", "4222", "--generators", "2", "--join-secret-file", secret), 2, `--lead 4222: "4222" is no address; write it like 127.0.0.1:4222`},
		{load("--target", noSecrets, "--lead", taken, "--generators", "2", "--join-secret-file", secret), 2, "--lead " + taken + ": bind: address already in use"},
		{[]string{"generate"}, 2, "accepts 1 arg(s), received 0"},
		{[]string{"generate", "nats://" + taken}, 2, "give with --join-secret-file the secret that the lead has"},
		{[]string{"generate", taken, "--join-secret-file", secret}, 2, `"` + taken + `" is no address of a lead; write it like nats://lead.example:4222`},
		{[]string{"generate", "nats://" + taken, "--join-secret-file", brief}, 2, "--join-secret-file " + brief + ": it has 4 bytes, and less than 16 could be guessed; take the one that the lead has"},
		{[]string{"generate", "nats://" + taken, "--join-secret-file", secret}, 2, taken + ": what listens there is no lead of gonogo"},
		{[]string{"generate", "nats://127.0.0.1:1", "--join-secret-file", secret, "--out", filepath.Dir(gone)}, 2, "--out " + filepath.Dir(gone) + ": nothing can be written there: is a directory"},
		{[]string{"generate", "nats://127.0.0.1:1", "--join-secret-file", secret}, 3, "127.0.0.1:1: no lead can be reached there: connect: connection refused"},
	} {
		if o := gonogoIn(t.Context(), env, c.args...); o.code != c.code || o.stderr != "gonogo: "+c.says+"\n" || o.stdout != "" {
			t.Errorf("%q: exit %d and %q are wanted, not\n%s", c.args, c.code, c.says, o)
		}
	}
}
